/**
 * The media of one connection to a room, over any signalling: its transports, which are restarted by ICE when they are disconnected or
 * have failed, and what is sent and received on them.
 *
 * Hard requirement: what was opened here and on the server is closed on both, whichever side closes it, and all of it by `close`.
 */
import type { TransportDirection } from '@mediasoup-booth/protocol';
import type {
  Consumer,
  ConsumerOptions,
  DataConsumer,
  DataProducer,
  DataProducerOptions,
  Device,
  Producer,
  ProducerOptions,
  Transport,
} from 'mediasoup-client/types';
import type { Clock } from '../time/clock.ts';
import { IceRestart } from './ice-restart.ts';
import { IceServerRenewal } from './ice-server-renewal.ts';
import type { IceServersLifetime, MediaSignalling } from './media-signalling.ts';
import { SignallingError } from './signalling-client.ts';

const CONSUME_ATTEMPTS = 3;
const CONSUME_RETRY_MS = 1_000;

export interface MediaConnectionOptions {
  /** A device that is loaded before the first transport is needed. Undefined where there is no WebRTC: then no transport can be created. */
  device: Device | undefined;
  signalling: MediaSignalling;
  clock: Clock;
  /** Whether somebody publishes this producer or data producer now. */
  publishes(id: string): boolean;
  /**
   * Watches whether a transport that is connected receives anything, where its handler notices a loss late, and calls `onSilence` at each
   * change. Returns a function that ends it.
   */
  watchSilence?: ((transport: Transport, onSilence: (isSilent: boolean) => void) => () => void) | undefined;
  /** Goes on trying where a transport could never be connected, instead of failing. Default: false. */
  retriesConnecting?: boolean | undefined;
  /** Called with the addresses that the server receives media on, before a transport connects to one of them. */
  onServerAddresses?: ((addresses: readonly string[]) => void) | undefined;
  /** Called when a transport has not been connected in time, and when all are, as they should be. */
  onUnreachable?: ((isUnreachable: boolean) => void) | undefined;
  /** Called when media does not get through any more in one direction or both, while new paths are tried, and when it does again. */
  onLost(isLost: boolean): void;
  /** Called when a transport has failed for good. */
  onFailed(): void;
}

/** A consumer that is open here and on the server. `close` closes both; it may be called at any time and more than once. */
export interface Consumed<C> {
  readonly consumer: C;
  close(): void;
}

export interface ConsumeOptions extends Pick<ConsumerOptions, 'onRtpReceiver'> {
  /** Called when the consumer is ready here, before its first packet or message. */
  onConsumer?(consumer: Consumer): void;
  /** The server sends nothing until `resumeConsumer` is requested. Default: false. */
  paused?: boolean;
}

export class MediaConnection {
  readonly #options: MediaConnectionOptions;
  readonly #transports = new Map<TransportDirection, Promise<Transport>>();
  readonly #iceRestarts = new Set<IceRestart>();
  /** The restarts of transports on which nothing gets through. */
  readonly #lost = new Set<IceRestart>();
  /** The restarts of transports that could not be connected in time. */
  readonly #unreachable = new Set<IceRestart>();
  readonly #endings: (() => void)[] = [];
  /** Functions that close consumers here, by the consumer's id on the server. */
  readonly #closeConsumer = new Map<string, () => void>();
  #closed = false;

  constructor(options: MediaConnectionOptions) {
    this.#options = options;
  }

  /** Returns the transport of a direction, and creates it when it is first needed. @throws {SignallingError} */
  transport(direction: TransportDirection): Promise<Transport> {
    if (this.#closed) return Promise.reject(new SignallingError('closed', 'the connection to the room is closed'));
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

  async produce(options: ProducerOptions): Promise<Producer> {
    return (await this.transport('send')).produce(options);
  }

  async produceData(options: DataProducerOptions): Promise<DataProducer> {
    return (await this.transport('send')).produceData(options);
  }

  async closeProducer(producer: Producer): Promise<void> {
    producer.close();
    await this.#options.signalling.closeProducer(producer.id);
  }

  async closeDataProducer(producer: DataProducer): Promise<void> {
    producer.close();
    await this.#options.signalling.closeDataProducer(producer.id);
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

  /** Consumes a data producer, with retries as in `consume`. Resolves when the data channel is open and the server sends. */
  consumeData(dataProducerId: string, onConsumer?: (consumer: DataConsumer) => void): Promise<Consumed<DataConsumer>> {
    return this.#withRetries(dataProducerId, () => this.#consumeData(dataProducerId, onConsumer));
  }

  /** The server has closed a consumer or a data consumer. */
  consumerClosed(id: string): void {
    this.#closeConsumer.get(id)?.();
  }

  close(): void {
    this.#closed = true;
    this.#closeTransports();
  }

  async #consume(producerId: string, options: ConsumeOptions): Promise<Consumed<Consumer>> {
    const { onConsumer, paused = false, onRtpReceiver } = options;
    const transport = await this.transport('recv');
    const { signalling } = this.#options;
    const { id, kind, rtpParameters } = await signalling.consume({
      transportId: transport.id,
      producerId,
      rtpCapabilities: this.#requireDevice().recvRtpCapabilities,
    });
    const closeRemote = () => signalling.closeConsumer(id);
    return this.#open(id, closeRemote, async (created) => {
      const receiving = { id, producerId, kind, rtpParameters, ...(onRtpReceiver && { onRtpReceiver }) };
      const consumer = created(await transport.consume(receiving));
      onConsumer?.(consumer);
      if (!paused) await signalling.resumeConsumer(id);
      return consumer;
    });
  }

  async #consumeData(
    dataProducerId: string,
    onConsumer?: (consumer: DataConsumer) => void,
  ): Promise<Consumed<DataConsumer>> {
    const transport = await this.transport('recv');
    const { signalling } = this.#options;
    const { id, ...offered } = await signalling.consumeData({ transportId: transport.id, dataProducerId });
    if (id === undefined) throw new SignallingError('invalid', 'a data consumer without an id');
    const closeRemote = () => signalling.closeDataConsumer(id);
    return this.#open(id, closeRemote, async (created) => {
      const consumer = created(await transport.consumeData({ id, ...offered }));
      onConsumer?.(consumer);
      await channelOpened(consumer);
      if (!consumer.closed) await signalling.resumeDataConsumer(id);
      return consumer;
    });
  }

  async #withRetries<T>(id: string, consume: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await consume();
      } catch (error) {
        const mayWork = () => !this.#closed && this.#options.publishes(id);
        if (attempt === CONSUME_ATTEMPTS || !mayWork()) throw error;
        await new Promise<void>((resolve) => this.#options.clock.after(CONSUME_RETRY_MS, resolve));
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
    const { signalling, clock, watchSilence, retriesConnecting = false } = this.#options;
    const { transport, iceServersExpireInMs } = await this.#openTransport(direction);
    const iceRestart = new IceRestart({
      clock,
      retriesConnecting,
      restart: async () => transport.restartIce({ iceParameters: await signalling.restartIce(transport.id) }),
      onLost: (isLost) => this.#setLost(iceRestart, isLost),
      onUnreachable: (isUnreachable) => this.#setUnreachable(iceRestart, isUnreachable),
      onGivenUp: () => this.#options.onFailed(),
    });
    const { renewIceServers } = signalling;
    const renewal =
      renewIceServers &&
      new IceServerRenewal(iceServersExpireInMs, {
        clock,
        renew: () => renewIceServers(),
        apply: async (iceServers) => {
          await transport.updateIceServers({ iceServers });
          // A transport uses new servers from the next restart on.
          iceRestart.networkChanged();
        },
      });
    this.#iceRestarts.add(iceRestart);
    transport.on('connectionstatechange', (state) => iceRestart.stateChanged(state));
    const unwatch = watchSilence?.(transport, (isSilent) => iceRestart.silenceChanged(isSilent));
    this.#endings.push(() => {
      unwatch?.();
      renewal?.close();
      iceRestart.close();
      transport.close();
    });
    if (this.#closed) this.#closeTransports();
    return transport;
  }

  async #openTransport(direction: TransportDirection) {
    const { signalling, onServerAddresses } = this.#options;
    const device = this.#requireDevice();
    let lifetime: IceServersLifetime = {};
    const transport = await createTransport(
      device,
      {
        ...signalling,
        createTransport: async (direction) => {
          const { iceServersExpireInMs, ...options } = await signalling.createTransport(direction);
          if (iceServersExpireInMs !== undefined) lifetime = { iceServersExpireInMs };
          onServerAddresses?.(options.iceCandidates.map(({ address }) => address));
          return options;
        },
      },
      direction,
    );
    return { transport, ...lifetime };
  }

  #requireDevice(): Device {
    const { device } = this.#options;
    if (!device) throw new SignallingError('unsupported', 'there is no WebRTC here');
    return device;
  }

  #setUnreachable(iceRestart: IceRestart, isUnreachable: boolean): void {
    const was = this.#unreachable.size > 0;
    if (isUnreachable) this.#unreachable.add(iceRestart);
    else this.#unreachable.delete(iceRestart);
    const is = this.#unreachable.size > 0;
    if (is !== was && !this.#closed) this.#options.onUnreachable?.(is);
  }

  #setLost(iceRestart: IceRestart, isLost: boolean): void {
    const wasLost = this.#lost.size > 0;
    if (isLost) this.#lost.add(iceRestart);
    else this.#lost.delete(iceRestart);
    const nowLost = this.#lost.size > 0;
    if (nowLost !== wasLost && !this.#closed) this.#options.onLost(nowLost);
  }

  #closeTransports(): void {
    for (const end of this.#endings.splice(0)) end();
  }
}

/** Creates a transport of mediasoup-client together with its other end on the server. @throws {SignallingError} where the server creates none */
export async function createTransport(
  device: Pick<Device, 'createSendTransport' | 'createRecvTransport'>,
  signalling: MediaSignalling,
  direction: TransportDirection,
): Promise<Transport> {
  const options = await signalling.createTransport(direction);
  const transport = direction === 'send' ? device.createSendTransport(options) : device.createRecvTransport(options);
  const { id: transportId } = transport;
  transport.on('connect', ({ dtlsParameters }, done, failed) => {
    signalling.connectTransport(transportId, dtlsParameters).then(() => done(), failed);
  });
  transport.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
    signalling.produce({ transportId, kind, rtpParameters, appData }).then((id) => done({ id }), failed);
  });
  transport.on('producedata', ({ sctpStreamParameters, label = '', protocol = '', appData }, done, failed) => {
    signalling
      .produceData({ transportId, sctpStreamParameters, label, protocol, appData })
      .then((id) => done({ id }), failed);
  });
  return transport;
}

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
