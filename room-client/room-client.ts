/**
 * One connection to a room of Booth's server, from the join to the end, for browsers and for Node: roster, room clock, transports,
 * consumers and producers.
 *
 * Hard requirement: the connection ends as a whole and once, and closes everything that was opened on it. It ends when the socket closes,
 * when a media transport fails for good, or by `close`. A transport that is disconnected or has failed is restarted by ICE first.
 */

import {
  type ClaimedRole,
  finalCloseCodes,
  type JoinReply,
  type Method,
  type NotificationName,
  type Notifications,
  type ParticipantView,
  type Preferences,
  type ReplyData,
  type RequestData,
  type TrackSource,
  type TransportDirection,
} from '@mediasoup-booth/protocol';
import type { Consumer, DataConsumer, Device, Producer, ProducerOptions, Transport } from 'mediasoup-client/types';
import type { Clock } from '../time/clock.ts';
import {
  type Consumed,
  type ConsumeOptions,
  MediaConnection,
  type MediaConnectionOptions,
} from './media-connection.ts';
import { mediaRequests } from './media-requests.ts';
import { Roster, rosterChange } from './roster.ts';
import { SignallingClient, SignallingError, type Socket, type SocketEnd } from './signalling-client.ts';

/** The `code` of a connection that ended because its media failed, while the socket was open. */
export const MEDIA_FAILED = 0;
/** When the server closes a connection, its reason arrives on the socket within this time after the media transports have failed. */
const CLOSE_REASON_TIMEOUT_MS = 500;

export interface RoomClientOptions {
  /** An open socket to the server's `/v1/signal`, which was opened with the token: see `signalSubprotocols`. */
  socket: Socket;
  /**
   * A device of mediasoup-client that is not loaded yet. Its handler decides whether WebRTC is the browser's or Node's. Undefined where
   * there is no WebRTC: then the client is in the room, and no transport can be created.
   */
  device: Device | undefined;
  clock: Clock;
  /** The participant's name where the token contains none. */
  name?: string | undefined;
  preferences?: Partial<Preferences> | undefined;
  /** The room is about to move to this server, as `room.moving` has said. */
  ahead?: boolean | undefined;
  /**
   * Called when a host has to admit the participant first, which may take minutes; `giveUp` ends the wait. Where there is no such
   * function, the join fails with the code `waiting`.
   */
  onWaiting?(giveUp: () => void): void;
  watchSilence?: MediaConnectionOptions['watchSilence'];
  retriesConnecting?: MediaConnectionOptions['retriesConnecting'];
  onServerAddresses?: MediaConnectionOptions['onServerAddresses'];
}

export interface RoomClientListener {
  onNotification<N extends NotificationName>(name: N, data: Notifications[N]): void;
  /** Called when media does not get through any more in one direction or both, while new paths are tried, and when it does again. */
  onMediaLost?(isLost: boolean): void;
  /** Called when media could not be connected within 7 s, and when they are. */
  onMediaUnreachable?(isUnreachable: boolean): void;
  /** Called once, however the connection has ended, also after `close()`. */
  onEnd(end: ConnectionEnd): void;
}

/** How a connection ended. `code` is the WebSocket's close code (1000: this side has closed it) or `MEDIA_FAILED`. */
export interface ConnectionEnd extends SocketEnd {
  /** Whether joining again with the same token is of no use. */
  final: boolean;
}

export interface ProduceOptions extends Omit<ProducerOptions, 'appData'> {
  source: TrackSource;
  /** The role of an interpreter's track, such as a channel of a language. */
  booth?: ClaimedRole;
  /** Nothing is sent, and everybody is told so, until `setPaused`. Default: false. */
  paused?: boolean;
}

export class RoomClient {
  readonly reply: JoinReply;
  readonly #signalling: SignallingClient;
  readonly #media: MediaConnection;
  readonly #clock: Clock;
  readonly #clockOffsetMs: number;
  readonly #roster: Roster;
  /** Notifications that arrived before there was a listener, while the device was loading. */
  #pending: ((listener: RoomClientListener) => void)[] = [];
  #listener: RoomClientListener | undefined;
  #cancelFailure: (() => void) | undefined;
  #end: ConnectionEnd | undefined;

  private constructor(signalling: SignallingClient, reply: JoinReply, options: RoomClientOptions) {
    const { device, clock, watchSilence, retriesConnecting, onServerAddresses } = options;
    this.reply = reply;
    this.#signalling = signalling;
    this.#clock = clock;
    this.#clockOffsetMs = reply.clock - clock.now();
    this.#roster = new Roster(reply.participants);
    this.#media = new MediaConnection({
      device,
      signalling: mediaRequests(signalling),
      clock,
      publishes: (id) => this.#roster.publishes(id),
      watchSilence,
      retriesConnecting,
      onServerAddresses,
      onUnreachable: (isUnreachable) => this.#listener?.onMediaUnreachable?.(isUnreachable),
      onLost: (isLost) => this.#listener?.onMediaLost?.(isLost),
      onFailed: () => this.#mediaFailed(),
    });
    signalling.onNotification((name, data) => this.#notify(name, data));
    signalling.on('consumer.closed', ({ consumerId }) => this.#media.consumerClosed(consumerId));
    signalling.on('dataConsumer.closed', ({ dataConsumerId }) => this.#media.consumerClosed(dataConsumerId));
    signalling.onEnd((end) => this.#finish(end));
    if (signalling.ended) this.#finish(signalling.ended);
  }

  /**
   * Joins a room over an open socket, and closes the socket where that fails.
   *
   * @throws {RoomJoinError}
   * @example
   * const room = await RoomClient.join({ socket, device: new Device(), clock: systemClock });
   * room.listen({ onNotification: (name) => log(name), onEnd: ({ reason }) => log(reason) });
   * const { consumer } = await room.consume(producerId);
   */
  static async join(options: RoomClientOptions): Promise<RoomClient> {
    const { socket, clock, device, name, preferences, ahead, onWaiting } = options;
    const signalling = new SignallingClient(socket, { clock });
    const asked = { ...(name !== undefined && { name }), ...(ahead && { ahead }), ...preferences };
    const join = () => signalling.request('join', asked);
    try {
      const reply = await join().catch(async (error: unknown) => {
        if (!onWaiting || !(error instanceof SignallingError) || error.code !== 'waiting') throw error;
        await waitForAdmission(signalling, onWaiting);
        return join();
      });
      const room = new RoomClient(signalling, reply, options);
      await device?.load({ routerRtpCapabilities: reply.rtpCapabilities });
      return room;
    } catch (error) {
      const end = signalling.ended && withFinality(signalling.ended);
      signalling.close();
      throw new RoomJoinError(error, end);
    }
  }

  /** Undefined while the connection is open. */
  get ended(): ConnectionEnd | undefined {
    return this.#end;
  }

  get participants(): ReadonlyMap<string, ParticipantView> {
    return this.#roster.participants;
  }

  /** The room's clock: milliseconds since the room began. */
  now(): number {
    return this.#clock.now() + this.#clockOffsetMs;
  }

  /** Sets the only listener. It first receives the notifications that have arrived since the join reply. */
  listen(listener: RoomClientListener): void {
    this.#listener = listener;
    for (const notify of this.#pending.splice(0)) notify(listener);
    if (this.#end) listener.onEnd(this.#end);
  }

  /** Calls `listener` with the notifications of one name. Returns a function that removes it. */
  on<N extends NotificationName>(name: N, listener: (data: Notifications[N]) => void): () => void {
    return this.#signalling.on(name, listener);
  }

  /** @throws {SignallingError} */
  request<M extends Method>(method: M, data: RequestData<M>): Promise<ReplyData<M>> {
    return this.#signalling.request(method, data);
  }

  /** Returns the transport of a direction, and creates it when it is first needed. @throws {SignallingError} */
  transport(direction: TransportDirection): Promise<Transport> {
    return this.#media.transport(direction);
  }

  /** Restarts ICE at once: to be called when the machine is on another network, or online again. */
  networkChanged(): void {
    this.#media.networkChanged();
  }

  async produce({ source, booth, paused = false, ...options }: ProduceOptions): Promise<Producer> {
    const appData = { source, paused, ...(booth ? { booth } : {}) };
    const producer = await this.#media.produce({ ...options, appData });
    if (paused) producer.pause();
    return producer;
  }

  async setPaused(producer: Producer, paused: boolean): Promise<void> {
    if (paused) producer.pause();
    else producer.resume();
    await this.request(paused ? 'producer.pause' : 'producer.resume', { producerId: producer.id });
  }

  closeProducer(producer: Producer): Promise<void> {
    return this.#media.closeProducer(producer);
  }

  /** As `MediaConnection.consume`. @throws {SignallingError} where the last attempt failed */
  consume(producerId: string, options: ConsumeOptions = {}): Promise<Consumed<Consumer>> {
    return this.#media.consume(producerId, options);
  }

  /**
   * As `MediaConnection.consumeData`. The server first sends the captions that are kept and came since this participant joined, or last
   * received the language.
   */
  consumeData(dataProducerId: string, onConsumer?: (consumer: DataConsumer) => void): Promise<Consumed<DataConsumer>> {
    return this.#media.consumeData(dataProducerId, onConsumer);
  }

  close(): void {
    this.#finish({ code: 1000, reason: 'left' });
  }

  #notify<N extends NotificationName>(name: N, data: Notifications[N]): void {
    const change = rosterChange(name, data);
    if (change) this.#roster.apply(change);
    if (this.#listener) this.#listener.onNotification(name, data);
    else this.#pending.push((listener) => listener.onNotification(name, data));
  }

  #mediaFailed(): void {
    const end = { code: MEDIA_FAILED, reason: 'the media connection failed' };
    this.#cancelFailure ??= this.#clock.after(CLOSE_REASON_TIMEOUT_MS, () => this.#finish(end));
  }

  #finish(end: SocketEnd): void {
    if (this.#end) return;
    this.#end = withFinality(end);
    this.#cancelFailure?.();
    this.#media.close();
    this.#listener?.onEnd(this.#end);
    this.#signalling.close();
  }
}

/** Why a room could not be joined. */
export class RoomJoinError extends Error {
  override readonly name = 'RoomJoinError';
  /** How the server closed the connection; undefined: it did not. */
  readonly end: ConnectionEnd | undefined;
  override readonly cause: unknown;
  constructor(cause: unknown, end: ConnectionEnd | undefined) {
    super(cause instanceof Error ? cause.message : String(cause));
    this.cause = cause;
    this.end = end;
  }
}

const withFinality = (end: SocketEnd): ConnectionEnd => ({ ...end, final: finalCloseCodes.has(end.code) });

function waitForAdmission(signalling: SignallingClient, onWaiting: (giveUp: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    signalling.on('waitingRoom.admitted', () => resolve());
    signalling.onEnd(({ reason }) => reject(new SignallingError('closed', reason)));
    onWaiting(() => signalling.close());
  });
}
