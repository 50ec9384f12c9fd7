/** What a media connection asks of the server, whatever its signalling. Failures are `SignallingError`s; a refusal of `restartIce` ends the connection. */
import type { TransportDirection } from '@mediasoup-booth/protocol';
import type {
  AppData,
  ConsumerOptions,
  DataConsumerOptions,
  DtlsParameters,
  IceParameters,
  MediaKind,
  RtpCapabilities,
  RtpParameters,
  SctpStreamParameters,
  TransportOptions,
} from 'mediasoup-client/types';

/** A consumer of the server, as it is opened here. */
export type ConsumerParameters = Pick<ConsumerOptions, 'id' | 'producerId' | 'kind' | 'rtpParameters'>;

export interface ProduceRequest {
  transportId: string;
  kind: MediaKind;
  rtpParameters: RtpParameters;
  appData: AppData;
}

export interface ProduceDataRequest {
  transportId: string;
  label: string;
  protocol: string;
  sctpStreamParameters: SctpStreamParameters;
  appData: AppData;
}

/** How long the passwords of STUN and TURN servers are good. */
export interface IceServersLifetime {
  /** Absent: they do not end. */
  iceServersExpireInMs?: number;
}

export interface RenewedIceServers extends IceServersLifetime {
  iceServers: RTCIceServer[];
}

export interface MediaSignalling {
  createTransport(direction: TransportDirection): Promise<TransportOptions & IceServersLifetime>;
  /** Returns the servers of `createTransport` with new passwords. Absent: those of the host do not end. */
  renewIceServers?(): Promise<RenewedIceServers>;
  connectTransport(transportId: string, dtlsParameters: DtlsParameters): Promise<unknown>;
  restartIce(transportId: string): Promise<IceParameters>;
  /** Returns the id of the producer. */
  produce(request: ProduceRequest): Promise<string>;
  /** Returns the id of the data producer. */
  produceData(request: ProduceDataRequest): Promise<string>;
  closeProducer(producerId: string): Promise<unknown>;
  closeDataProducer(dataProducerId: string): Promise<unknown>;
  /** The consumer is paused. */
  consume(request: {
    transportId: string;
    producerId: string;
    rtpCapabilities: RtpCapabilities;
  }): Promise<ConsumerParameters>;
  resumeConsumer(consumerId: string): Promise<unknown>;
  pauseConsumer(consumerId: string): Promise<unknown>;
  setPreferredLayers(consumerId: string, spatialLayer: number): Promise<unknown>;
  closeConsumer(consumerId: string): Promise<unknown>;
  /** The data consumer is paused. */
  consumeData(request: { transportId: string; dataProducerId: string }): Promise<DataConsumerOptions>;
  resumeDataConsumer(dataConsumerId: string): Promise<unknown>;
  closeDataConsumer(dataConsumerId: string): Promise<unknown>;
}
