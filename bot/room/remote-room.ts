/**
 * What a participant over the network needs of a mediasoup server, in mediasoup's own shapes and over any signalling: the host implements
 * it, in some dozens of lines, and the interpreter works in their rooms. Booth's own server is one such host (`booth-room.ts`).
 */
import type {
  BudgetNotice,
  InterpreterStats,
  LanguageCode,
  ParticipantView,
  Preferences,
  RoomMessage,
  TrackSource,
} from '@mediasoup-booth/protocol';
import type {
  AppData,
  DataConsumerOptions,
  DtlsParameters,
  IceParameters,
  MediaKind,
  RtpCapabilities,
  RtpParameters,
  SctpStreamParameters,
  TransportOptions,
} from 'mediasoup-client/types';
import type { IceServersLifetime, RenewedIceServers } from '../../room-client/media-signalling.ts';
import type { RoomProblem } from '../in-process/room-state.ts';
import type { ConnectionLimiter } from '../session/connection-limiter.ts';
import type { UsageReport } from '../usage/usage-recorder.ts';

/**
 * Joins a room of the host's, and is called again after a loss.
 *
 * An error means that another attempt follows, unless its `retryable` is `false`.
 */
export type JoinRoom = (link: RemoteLink) => Promise<RemoteRoom>;

/** What the host is given to join with, and calls while it is joined. */
export interface RemoteLink {
  /** Aborted when this connection is over: the interpreter has left, also while it joined, or joining has failed, or it was lost. */
  readonly signal: AbortSignal;
  /**
   * What the interpreter can receive from this router, and how many SCTP streams it can have: for servers that are told so when somebody
   * joins. `sctpCapabilities` are those that older versions of mediasoup-client had in `device.sctpCapabilities`.
   *
   * @throws where the router has no Opus, which ends the interpreter
   */
  capabilities(routerRtpCapabilities: RtpCapabilities): Promise<RemoteCapabilities>;
  /** `people()` or `budget` are other than before. */
  changed(): void;
  /**
   * The connection is over.
   *
   * @param reason a sentence for people
   * @param retryable false: joining again is of no use. Default: true
   */
  ended(reason: string, retryable?: boolean): void;
  /** The server has made a consumer without being asked, as in mediasoup-demo. */
  consumer(consumer: RemoteConsumer): void;
  /** A consumer or data consumer was closed by the server, or its producer was. */
  consumerClosed(consumerId: string): void;
}

export interface RemoteCapabilities {
  rtpCapabilities: RtpCapabilities;
  sctpCapabilities: SctpCapabilities;
}

export interface SctpCapabilities {
  numStreams: { OS: number; MIS: number };
}

/** A producer of somebody's. */
export interface RemoteProducer {
  id: string;
  kind: MediaKind;
  /** Default: a microphone for audio, a camera for video. */
  source?: TrackSource;
  paused?: boolean;
}

/** Somebody in the room. What is left out: they do not speak, hear the original, read nothing, and may be interpreted. */
export interface RemotePerson extends Partial<Omit<ParticipantView, 'id' | 'producers'>> {
  id: string;
  /** Those whose consumers are pushed with this person's id need not be named. */
  producers?: readonly RemoteProducer[];
}

/** A consumer as the server describes it. */
export interface RemoteConsumer {
  id: string;
  producerId: string;
  kind: MediaKind;
  rtpParameters: RtpParameters;
  /** Whose producer it is: needed of a pushed consumer whose producer `people()` does not name. */
  personId?: string;
  /** As of a producer. */
  source?: TrackSource;
}

type Answer = Promise<unknown> | unknown;

/** A transport as the server has created it. */
export type RemoteTransportOptions = TransportOptions & IceServersLifetime;

/**
 * A room that was joined. Methods that fail reject, or throw; none may take longer than 15 s. All but the first eight members are optional.
 *
 * @example
 * const room: RemoteRoom = {
 *   routerRtpCapabilities: await peer.request('getRouterRtpCapabilities'),
 *   people: () => people.values(),
 *   createTransport: ({ direction }) => peer.request('createWebRtcTransport', { producing: direction === 'send' }),
 *   connectTransport: (transportId, dtlsParameters) => peer.request('connectWebRtcTransport', { transportId, dtlsParameters }),
 *   produce: async (options) => (await peer.request('produce', options)).id,
 *   resumeConsumer: (consumerId) => peer.request('resumeConsumer', { consumerId }),
 *   pauseConsumer: (consumerId) => peer.request('pauseConsumer', { consumerId }),
 *   close: () => peer.close(),
 * };
 */
export interface RemoteRoom {
  readonly routerRtpCapabilities: RtpCapabilities;
  /** Who is in the room now; the interpreter itself is left out or not. */
  people(): Iterable<RemotePerson>;
  /** `iceServers` and `iceTransportPolicy` may be among what it returns, and how long the passwords of these servers are good. Enable SCTP, or let captions be sent by `message`. */
  createTransport(options: {
    direction: 'send' | 'recv';
    sctpCapabilities: SctpCapabilities;
  }): Promise<RemoteTransportOptions> | RemoteTransportOptions;
  connectTransport(transportId: string, dtlsParameters: DtlsParameters): Answer;
  /** Returns the id of the producer. `appData.booth` says what it is: `{ role: 'channel', language, speaker? }`. */
  produce(options: {
    transportId: string;
    kind: MediaKind;
    rtpParameters: RtpParameters;
    appData: AppData;
  }): Promise<string> | string;
  pauseConsumer(consumerId: string): Answer;
  /** The server asks the producer of a video for a key frame then, as mediasoup does by itself. */
  resumeConsumer(consumerId: string): Answer;
  /** Leaves the room, whatever state it is in. */
  close(): void;

  /** The id under which the interpreter is in the room. Default: `booth-interpreter`. */
  readonly self?: string;
  /** Called once, when both transports exist: from now on the server may push consumers. */
  enter?(capabilities: RemoteCapabilities): Answer;
  /** Makes a consumer, best paused. Without it, consumers are pushed. */
  consume?(options: {
    transportId: string;
    producerId: string;
    rtpCapabilities: RtpCapabilities;
    paused: true;
  }): Promise<RemoteConsumer> | RemoteConsumer;
  /** Without it, a consumer that is not needed any more stays paused. */
  closeConsumer?(consumerId: string): Answer;
  setPreferredLayers?(consumerId: string, spatialLayer: number): Answer;
  closeProducer?(producerId: string): Answer;
  /**
   * Returns the id of the data producer. `appData.booth` says what it is: `{ role: 'captions', language }`. Without it, captions are sent by
   * `message` alone.
   */
  produceData?(options: {
    transportId: string;
    label: string;
    protocol: string;
    sctpStreamParameters: SctpStreamParameters;
    appData: AppData;
  }): Promise<string> | string;
  closeDataProducer?(dataProducerId: string): Answer;
  /** Returns new ICE parameters of a transport of the server's. Without it, a connection that is lost for 30 s is made again. */
  restartIce?(transportId: string): Promise<IceParameters> | IceParameters;
  /** Returns `iceServers` with new passwords. Called before those of `createTransport` end. */
  renewIceServers?(): Promise<RenewedIceServers> | RenewedIceServers;

  /** Takes every caption, playout and status, beside the data channels or in their place. */
  message?(message: RoomMessage): void;
  /**
   * True: status messages name hosts and settings, for rooms whose people run the server too. Default: they say it plainly, and the
   * interpreter's log has the rest.
   */
  readonly tellsDetails?: boolean;
  /** Tells a person, and nobody else, that they seem to speak another language than they have said. */
  suggest?(personId: string, speaks: LanguageCode): Answer;
  /** Tells a person, and the hosts, that they are hardly heard, or no longer are. */
  setTooQuiet?(personId: string, isTooQuiet: boolean): Answer;
  /** Counts a report once by its `reporter` and `number`: one that was not confirmed is sent again. */
  reportUsage?(report: UsageReport): Answer;
  reportStats?(stats: InterpreterStats): Answer;
  /** Takes what the room lacks to be interpreted, anew whenever that changes. Without it, each problem is logged once as a warning. */
  problems?(problems: readonly RoomProblem[]): void;
  /** Bytes of a producer that have come to the server: what stands still is not looked at again. Without it, every picture that is due is taken. */
  sentBytes?(producerId: string): Promise<number> | number;
  /** What is left of a budget; undefined: enough. */
  readonly budget?: BudgetNotice | undefined;
  /** Default: one limiter for each engine in this process, which is tried with its first room then. */
  readonly connectionLimiter?: ConnectionLimiter;
  /** The room's clock in milliseconds. Default: since the interpreter started. */
  now?(): number;

  /** Captions from before the join, oldest first; the interpreter needs none. */
  readonly recentCaptions?: readonly RoomMessage[];
  /** For participants that read: makes a data consumer, paused. */
  consumeData?(options: {
    transportId: string;
    dataProducerId: string;
  }): Promise<DataConsumerOptions> | DataConsumerOptions;
  resumeDataConsumer?(dataConsumerId: string): Answer;
  closeDataConsumer?(dataConsumerId: string): Answer;
  /** For participants with languages of their own. */
  update?(preferences: Partial<Preferences>): Answer;
}
