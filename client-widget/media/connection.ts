/**
 * One connection to a room, from the socket to the transports: joined once it is open, and when any part of it fails, all
 * of it ends, once. What follows (joining again, deciding what to consume) is the room's.
 */
import { Device } from 'mediasoup-client';
import type { Consumer, DataConsumer, Producer, Transport } from 'mediasoup-client/types';
import type { Preferences, TrackSource } from '../../protocol/rooms.ts';
import type {
  JoinReply,
  NotificationName,
  Notifications,
  RequestData,
  SIGNAL_PATH,
} from '../../protocol/signalling.ts';
import { type Ended, SignallingClient, SignallingError } from '../../protocol/signalling-client.ts';
import type { Hold } from './hold.ts';
import { endReason } from './rejoin.ts';

const OPEN_LIMIT_MS = 10_000;
const path: typeof SIGNAL_PATH = '/v1/signal';

export type HostMethod = 'host.mute' | 'host.remove' | 'host.admit' | 'host.deny';

export interface ConnectionOptions {
  /** `ws:` or `wss:` of the server. */
  origin: string;
  token: string;
  name: string;
  preferences: Preferences;
  /** What the server may tell. */
  notifications: readonly NotificationName[];
  /** A host has to let one in first, which may take minutes. `giveUp` waits no longer. */
  waiting(giveUp: () => void): void;
}

export interface ConnectionListener {
  notified<N extends NotificationName>(name: N, data: Notifications[N]): void;
  /** Once, however it ended; by `close()` as well. */
  ended(ended: Ended): void;
}

export class RoomConnection {
  readonly reply: JoinReply;
  readonly #signalling: SignallingClient;
  readonly #device: Device;
  readonly #notices: Notices;
  readonly #transports = new Map<'send' | 'recv', Promise<Transport>>();
  #ended: Ended | undefined;
  #listener: ConnectionListener | undefined;

  private constructor(signalling: SignallingClient, device: Device, reply: JoinReply, notices: Notices) {
    this.#signalling = signalling;
    this.#device = device;
    this.reply = reply;
    this.#notices = notices;
    signalling.onEnd((ended) => this.#end(ended));
    if (signalling.ended) this.#end(signalling.ended);
  }

  /** @throws {SignallingError} where the room cannot be reached or refuses the token */
  static async open(options: ConnectionOptions): Promise<RoomConnection> {
    const device = await browserDevice();
    const signalling = new SignallingClient(await openSocket(`${options.origin}${path}`));
    const notices = new Notices();
    for (const name of options.notifications) signalling.on(name, (data) => notices.notified(name, data));
    try {
      const { token, name, preferences } = options;
      const join = () => signalling.request('join', { token, name, ...preferences });
      const reply = await join().catch(async (error: unknown) => {
        if (!(error instanceof SignallingError) || error.code !== 'waiting') throw error;
        await letIn(signalling, options.waiting);
        return join();
      });
      await device.load({ routerRtpCapabilities: reply.rtpCapabilities });
      return new RoomConnection(signalling, device, reply, notices);
    } catch (error) {
      const closed = signalling.ended;
      signalling.close();
      if (!closed) throw error;
      const { code, message } = endReason(closed.code, closed.reason);
      throw new SignallingError(code, message);
    }
  }

  /** What happened since the join reply is told first. */
  listen(listener: ConnectionListener): void {
    this.#listener = listener;
    this.#notices.listen(listener);
    if (this.#ended) listener.ended(this.#ended);
  }

  update(preferences: Partial<Preferences>): Promise<unknown> {
    return this.#signalling.request('participant.update', preferences);
  }

  /** A host's wish. */
  command<M extends HostMethod>(method: M, data: RequestData<M>): Promise<unknown> {
    return this.#signalling.request(method, data);
  }

  async produce(source: TrackSource, track: MediaStreamTrack): Promise<Producer> {
    const transport = await this.#transport('send');
    const how =
      track.kind === 'audio'
        ? // Silence is sent as well: who interprets hears pauses, not gaps.
          { codecOptions: { opusDtx: false, opusFec: true, opusNack: true, opusStereo: false } }
        : { encodings: [{ maxBitrate: source === 'screen' ? 1_500_000 : 900_000 }] };
    return transport.produce({ track, ...how, stopTracks: false, zeroRtpOnPause: true, appData: { source } });
  }

  async setPaused(producer: Producer, paused: boolean): Promise<void> {
    if (paused) producer.pause();
    else producer.resume();
    const { id: producerId } = producer;
    await this.#signalling.request(paused ? 'producer.pause' : 'producer.resume', { producerId });
  }

  async closeProducer(producer: Producer): Promise<void> {
    producer.close();
    await this.#signalling.request('producer.close', { producerId: producer.id });
  }

  /** The consumer is ready on this side before its first packet leaves the server. */
  async consume(producerId: string, onRtpReceiver?: Hold): Promise<Consumer> {
    const transport = await this.#transport('recv');
    const { id, kind, rtpParameters } = await this.#signalling.request('consumer.create', {
      transportId: transport.id,
      producerId,
      rtpCapabilities: this.#device.recvRtpCapabilities,
    });
    const consumer = await transport.consume({
      id,
      producerId,
      kind,
      rtpParameters,
      ...(onRtpReceiver && { onRtpReceiver }),
    });
    await this.#signalling.request('consumer.resume', { consumerId: id });
    return consumer;
  }

  closeConsumer(consumer: Consumer): void {
    if (consumer.closed) return;
    consumer.close();
    forget(this.#signalling.request('consumer.close', { consumerId: consumer.id }));
  }

  async consumeData(dataProducerId: string): Promise<DataConsumer> {
    const transport = await this.#transport('recv');
    const { id, sctpStreamParameters, label, protocol } = await this.#signalling.request('dataConsumer.create', {
      transportId: transport.id,
      dataProducerId,
    });
    return transport.consumeData({ id, dataProducerId, sctpStreamParameters, label, protocol });
  }

  closeDataConsumer(consumer: DataConsumer): void {
    if (consumer.closed) return;
    consumer.close();
    forget(this.#signalling.request('dataConsumer.close', { dataConsumerId: consumer.id }));
  }

  close(): void {
    this.#end({ code: 1000, reason: 'bye' });
  }

  #transport(direction: 'send' | 'recv'): Promise<Transport> {
    const known = this.#transports.get(direction);
    if (known) return known;
    const made = this.#createTransport(direction);
    this.#transports.set(direction, made);
    // One that could not be made is asked for again by whoever needs it next.
    made.catch(() => this.#transports.delete(direction));
    return made;
  }

  async #createTransport(direction: 'send' | 'recv'): Promise<Transport> {
    const options = await this.#signalling.request('transport.create', { direction });
    const transport =
      direction === 'send' ? this.#device.createSendTransport(options) : this.#device.createRecvTransport(options);
    const { id: transportId } = transport;
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      this.#signalling.request('transport.connect', { transportId, dtlsParameters }).then(done, failed);
    });
    transport.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
      this.#signalling
        .request('producer.create', { transportId, kind, rtpParameters, source: appData.source as TrackSource })
        .then(({ producerId }) => done({ id: producerId }), failed);
    });
    transport.on('connectionstatechange', (state) => {
      if (state === 'failed') this.#end({ code: 0, reason: 'Sound and pictures no longer get through.' });
    });
    if (this.#ended) transport.close();
    return transport;
  }

  #end(ended: Ended): void {
    if (this.#ended) return;
    this.#ended = ended;
    for (const made of this.#transports.values()) forget(made.then((transport) => transport.close()));
    this.#signalling.close();
    this.#listener?.ended(ended);
  }
}

/** Keeps what the server tells between its join reply and `listen`: the moment that it takes to load a device. */
class Notices {
  #early: ((listener: ConnectionListener) => void)[] = [];
  #listener: ConnectionListener | undefined;

  notified<N extends NotificationName>(name: N, data: Notifications[N]): void {
    if (this.#listener) this.#listener.notified(name, data);
    else this.#early.push((listener) => listener.notified(name, data));
  }

  listen(listener: ConnectionListener): void {
    this.#listener = listener;
    for (const tell of this.#early) tell(listener);
    this.#early = [];
  }
}

/** The server may have closed it by itself, or the connection may be over: either way it is gone, which is what was wanted. */
function forget(request: Promise<unknown>): void {
  request.catch(() => undefined);
}

function letIn(signalling: SignallingClient, waiting: ConnectionOptions['waiting']): Promise<void> {
  return new Promise((resolve, reject) => {
    signalling.on('waitingRoom.admitted', () => resolve());
    signalling.onEnd(({ reason }) => reject(new SignallingError('closed', reason)));
    waiting(() => signalling.close());
  });
}

async function browserDevice(): Promise<Device> {
  try {
    return await Device.factory();
  } catch {
    const remedy = 'Open this page in a current Chrome, Edge, Firefox or Safari.';
    throw new SignallingError('unsupported', `This browser cannot send or receive sound as meetings do. ${remedy}`);
  }
}

function openSocket(url: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const fail = () => {
      clearTimeout(timer);
      socket.close();
      reject(new SignallingError('unreachable', 'The server cannot be reached.'));
    };
    const timer = setTimeout(fail, OPEN_LIMIT_MS);
    socket.addEventListener('error', fail, { once: true });
    socket.addEventListener(
      'open',
      () => {
        clearTimeout(timer);
        socket.removeEventListener('error', fail);
        resolve(socket);
      },
      { once: true },
    );
  });
}
