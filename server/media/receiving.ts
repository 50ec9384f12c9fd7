/**
 * What a participant receives with, wherever it is: on the router of the room's origin, on a router of another media worker, or on one
 * of another machine. Rooms know no more of a receiving transport than this.
 */
import type { Consumer, DataConsumer, RtpCapabilities, WebRtcTransport } from 'mediasoup/types';
import type { CaptionsProducer } from './caption-relay.ts';

interface Closable {
  close(): void;
  readonly observer: { once(event: 'close', listener: () => void): unknown };
}

/** What a client needs to be told of a transport, and what it then asks for. */
export type NegotiatedTransport = Pick<
  WebRtcTransport,
  'id' | 'iceParameters' | 'iceCandidates' | 'dtlsParameters' | 'sctpParameters' | 'connect' | 'restartIce'
>;

export interface ReceivedTrack
  extends Closable,
    Pick<
      Consumer,
      'id' | 'kind' | 'producerId' | 'rtpParameters' | 'producerPaused' | 'pause' | 'resume' | 'setPreferredLayers'
    > {
  once(event: 'producerclose', listener: () => void): unknown;
}

export interface ReceivedCaptions
  extends Closable,
    Pick<DataConsumer, 'id' | 'dataProducerId' | 'sctpStreamParameters' | 'label' | 'protocol' | 'paused' | 'resume'> {
  /** Sends a message to this one receiver. */
  send(message: string): Promise<unknown>;
  once(event: 'dataproducerclose', listener: () => void): unknown;
}

export interface ReceivingTransport extends Closable {
  readonly id: string;
  readonly negotiated: NegotiatedTransport;
  /** Creates a consumer, paused. @throws {ApiError} where no codec fits, or mediasoup refuses */
  receive(producerId: string, rtpCapabilities: RtpCapabilities): Promise<ReceivedTrack>;
  /** Creates a data consumer, paused. @throws {ApiError} where mediasoup refuses */
  receiveCaptions(captions: CaptionsProducer): Promise<ReceivedCaptions>;
  /** Calls `listener` when what carries this transport has failed, and the room goes on without it. */
  onLost(listener: () => void): void;
}

/** Opens the transports with which participants receive. */
export interface ReceivingRouter {
  /** @throws {Error} where it cannot be opened */
  openTransport(): Promise<ReceivingTransport>;
}
