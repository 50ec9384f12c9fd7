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
import type {
  Consumer,
  ConsumerOptions,
  DataConsumer,
  DataProducer,
  Device,
  Producer,
  ProducerOptions,
  Transport,
} from 'mediasoup-client/types';
import type { Clock } from '../time/clock.ts';
import { IceRestart } from './ice-restart.ts';
import { Roster, rosterChange } from './roster.ts';
import { SignallingClient, SignallingError, type Socket, type SocketEnd } from './signalling-client.ts';
import { createTransport } from './transport.ts';

/** The `code` of a connection that ended because its media failed, while the socket was open. */
export const MEDIA_FAILED = 0;
/** When the server closes a connection, its reason arrives on the socket within this time after the media transports have failed. */
const CLOSE_REASON_TIMEOUT_MS = 500;
/** A server that is reached answers a restart of ICE within this time; one that does not is out of reach of the signalling too. */
const RESTART_TIMEOUT_MS = 2_000;
const CONSUME_ATTEMPTS = 3;
const CONSUME_RETRY_MS = 1_000;

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
  /**
   * Called when a host has to admit the participant first, which may take minutes; `giveUp` ends the wait. Where there is no such
   * function, the join fails with the code `waiting`.
   */
  onWaiting?(giveUp: () => void): void;
  /**
   * Watches whether a transport that is connected receives anything, where its handler notices a loss late, and calls `onSilence` at each
   * change. Returns a function that ends it.
   */
  watchSilence?(transport: Transport, onSilence: (isSilent: boolean) => void): () => void;
}

export interface RoomClientListener {
  onNotification<N extends NotificationName>(name: N, data: Notifications[N]): void;
  /** Called when media does not get through any more in one direction or both, while new paths are tried, and when it does again. */
  onMediaLost?(isLost: boolean): void;
  /** Called once, however the connection has ended, also after `close()`. */
  onEnd(end: ConnectionEnd): void;
}

/** How a connection ended. `code` is the WebSocket's close code (1000: this side has closed it) or `MEDIA_FAILED`. */
export interface ConnectionEnd extends SocketEnd {
  /** Whether joining again with the same token is of no use. */
  final: boolean;
}

/** A consumer that is open here and on the server. `close` closes both; it may be called at any time and more than once. */
export interface Consumed<C> {
  readonly consumer: C;
  close(): void;
}

export interface ConsumeOptions extends Pick<ConsumerOptions, 'onRtpReceiver'> {
  /** Called when the consumer is ready here, before its first packet or message. */
  onConsumer?(consumer: Consumer): void;
  /** The server sends nothing until `consumer.resume` is requested. Default: false. */
  paused?: boolean;
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
  readonly #device: Device | undefined;
  readonly #clock: Clock;
  readonly #clockOffsetMs: number;
  readonly #roster: Roster;
  readonly #transports = new Map<TransportDirection, Promise<Transport>>();
  readonly #iceRestarts = new Set<IceRestart>();
  /** The restarts of transports on which nothing gets through. */
  readonly #lost = new Set<IceRestart>();
  readonly #watchSilence: RoomClientOptions['watchSilence'];
  readonly #endings: (() => void)[] = [];
  /** Functions that close consumers here, by the consumer's id on the server. */
  readonly #closeConsumer = new Map<string, () => void>();
  /** Notifications that arrived before there was a listener, while the device was loading. */
  #pending: ((listener: RoomClientListener) => void)[] = [];
  #listener: RoomClientListener | undefined;
  #cancelFailure: (() => void) | undefined;
  #end: ConnectionEnd | undefined;

  private constructor(signalling: SignallingClient, reply: JoinReply, options: RoomClientOptions) {
    const { device, clock } = options;
    this.reply = reply;
    this.#signalling = signalling;
    this.#device = device;
    this.#clock = clock;
    this.#watchSilence = options.watchSilence;
    this.#clockOffsetMs = reply.clock - clock.now();
    this.#roster = new Roster(reply.participants);
    signalling.onNotification((name, data) => this.#notify(name, data));
    signalling.on('consumer.closed', ({ consumerId }) => this.#closeConsumer.get(consumerId)?.());
    signalling.on('dataConsumer.closed', ({ dataConsumerId }) => this.#closeConsumer.get(dataConsumerId)?.());
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
    const { socket, clock, device, name, preferences, onWaiting } = options;
    const signalling = new SignallingClient(socket, { clock });
    const join = () => signalling.request('join', { ...(name === undefined ? {} : { name }), ...preferences });
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
    if (this.#end) return Promise.reject(new SignallingError('closed', 'the connection to the room is closed'));
    const known = this.#transports.get(direction);
    if (known) return known;
    const created = this.#createTransport(direction);
    this.#transports.set(direction, created);
    // After a failure, the next caller creates the transport again.
    created.catch(() => this.#transports.delete(direction));
    return created;
  }

  /** Restarts ICE at once: to be called when the machine is on another network, or online again. */
  networkChanged(): void {
    for (const iceRestart of this.#iceRestarts) iceRestart.networkChanged();
  }

  async produce({ source, booth, paused = false, ...options }: ProduceOptions): Promise<Producer> {
    const transport = await this.transport('send');
    const producer = await transport.produce({ ...options, appData: { source, paused, ...(booth ? { booth } : {}) } });
    if (paused) producer.pause();
    return producer;
  }

  async produceData(label: string, booth: ClaimedRole): Promise<DataProducer> {
    const transport = await this.transport('send');
    return transport.produceData({ ordered: true, label, appData: { booth } });
  }

  async setPaused(producer: Producer, paused: boolean): Promise<void> {
    if (paused) producer.pause();
    else producer.resume();
    await this.request(paused ? 'producer.pause' : 'producer.resume', { producerId: producer.id });
  }

  async closeProducer(producer: Producer): Promise<void> {
    producer.close();
    await this.request('producer.close', { producerId: producer.id });
  }

  async closeDataProducer(producer: DataProducer): Promise<void> {
    producer.close();
    await this.request('dataProducer.close', { dataProducerId: producer.id });
  }

  /**
   * Consumes a producer, until the producer or the returned consumer is closed. A failure is retried twice, a second apart, as long as
   * the producer exists. Unless `paused`, the server starts to send when the consumer is ready here.
   *
   * @throws {SignallingError} where the last attempt failed
   */
  consume(producerId: string, options: ConsumeOptions = {}): Promise<Consumed<Consumer>> {
    return this.#withRetries(producerId, () => this.#consume(producerId, options));
  }

  /**
   * Consumes a data producer, with retries as in `consume`. Resolves when the data channel is open and the server sends: first the captions
   * that are kept and came since this participant joined, or last received the language.
   */
  consumeData(dataProducerId: string, onConsumer?: (consumer: DataConsumer) => void): Promise<Consumed<DataConsumer>> {
    return this.#withRetries(dataProducerId, () => this.#consumeData(dataProducerId, onConsumer));
  }

  close(): void {
    this.#finish({ code: 1000, reason: 'left' });
  }

  async #consume(producerId: string, options: ConsumeOptions): Promise<Consumed<Consumer>> {
    const { onConsumer, paused = false, onRtpReceiver } = options;
    const transport = await this.transport('recv');
    const { id, kind, rtpParameters } = await this.request('consumer.create', {
      transportId: transport.id,
      producerId,
      rtpCapabilities: this.#requireDevice().recvRtpCapabilities,
    });
    const closeRemote = () => this.request('consumer.close', { consumerId: id });
    return this.#open(id, closeRemote, async (created) => {
      const receiving = { id, producerId, kind, rtpParameters, ...(onRtpReceiver && { onRtpReceiver }) };
      const consumer = created(await transport.consume(receiving));
      onConsumer?.(consumer);
      if (!paused) await this.request('consumer.resume', { consumerId: id });
      return consumer;
    });
  }

  async #consumeData(
    dataProducerId: string,
    onConsumer?: (consumer: DataConsumer) => void,
  ): Promise<Consumed<DataConsumer>> {
    const transport = await this.transport('recv');
    const offered = await this.request('dataConsumer.create', { transportId: transport.id, dataProducerId });
    const closeRemote = () => this.request('dataConsumer.close', { dataConsumerId: offered.id });
    return this.#open(offered.id, closeRemote, async (created) => {
      const consumer = created(await transport.consumeData(offered));
      onConsumer?.(consumer);
      await channelOpened(consumer);
      if (!consumer.closed) await this.request('dataConsumer.resume', { dataConsumerId: offered.id });
      return consumer;
    });
  }

  async #withRetries<T>(id: string, consume: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await consume();
      } catch (error) {
        const mayWork = () => !this.#end && this.#roster.publishes(id);
        if (attempt === CONSUME_ATTEMPTS || !mayWork()) throw error;
        await new Promise<void>((resolve) => this.#clock.after(CONSUME_RETRY_MS, resolve));
        if (!mayWork()) throw error;
      }
    }
  }

  /** Opens here what exists on the server. Whichever side closes it, or fails to open it, closes it on both. */
  async #open<C extends { close(): void }>(
    id: string,
    closeRemote: () => Promise<unknown>,
    open: (created: (consumer: C) => C) => Promise<C>,
  ): Promise<Consumed<C>> {
    let here: C | undefined;
    let closed = false;
    const closeLocal = () => {
      closed = true;
      this.#closeConsumer.delete(id);
      here?.close();
    };
    this.#closeConsumer.set(id, closeLocal);
    const close = () => {
      if (closed) return;
      ignoreFailure(closeRemote());
      closeLocal();
    };
    try {
      const consumer = await open((created) => {
        here = created;
        // The server may have closed it while it was being created here.
        if (closed) created.close();
        return created;
      });
      return { consumer, close };
    } catch (error) {
      close();
      throw error;
    }
  }

  async #createTransport(direction: TransportDirection): Promise<Transport> {
    const transport = await createTransport(this.#requireDevice(), this.#signalling, direction);
    const iceRestart = new IceRestart({
      clock: this.#clock,
      restart: async () => {
        const transportId = transport.id;
        const reply = await this.#signalling.request('transport.restartIce', { transportId }, RESTART_TIMEOUT_MS);
        await transport.restartIce({ iceParameters: reply.iceParameters });
      },
      onLost: (isLost) => this.#setLost(iceRestart, isLost),
      onGivenUp: () => this.#mediaFailed(),
    });
    this.#iceRestarts.add(iceRestart);
    transport.on('connectionstatechange', (state) => iceRestart.stateChanged(state));
    const unwatch = this.#watchSilence?.(transport, (isSilent) => iceRestart.silenceChanged(isSilent));
    this.#endings.push(() => {
      unwatch?.();
      iceRestart.close();
      transport.close();
    });
    if (this.#end) this.#closeTransports();
    return transport;
  }

  #requireDevice(): Device {
    if (!this.#device) throw new SignallingError('unsupported', 'there is no WebRTC here');
    return this.#device;
  }

  #setLost(iceRestart: IceRestart, isLost: boolean): void {
    const wasLost = this.#lost.size > 0;
    if (isLost) this.#lost.add(iceRestart);
    else this.#lost.delete(iceRestart);
    const nowLost = this.#lost.size > 0;
    if (nowLost !== wasLost && !this.#end) this.#listener?.onMediaLost?.(nowLost);
  }

  #closeTransports(): void {
    for (const end of this.#endings.splice(0)) end();
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
    this.#closeTransports();
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

/** Resolves when messages can arrive, or when the consumer is closed. */
function channelOpened(consumer: DataConsumer): Promise<void> {
  return new Promise((resolve) => {
    if (consumer.closed || consumer.readyState === 'open') resolve();
    consumer.once('open', resolve);
    consumer.observer.once('close', resolve);
  });
}

/** Ignores failures of requests to close something: the server closes it with the connection or its producer anyway. */
function ignoreFailure(request: Promise<unknown>): void {
  request.catch(() => undefined);
}

function waitForAdmission(signalling: SignallingClient, onWaiting: (giveUp: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    signalling.on('waitingRoom.admitted', () => resolve());
    signalling.onEnd(({ reason }) => reject(new SignallingError('closed', reason)));
    onWaiting(() => signalling.close());
  });
}
