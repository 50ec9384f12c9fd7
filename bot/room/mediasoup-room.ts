/**
 * A room of Booth's server, over its signalling WebSocket and mediasoup-client. It is lost as a whole: when the socket or a
 * media transport fails, `ended` is called once and everything opened on it is closed.
 */
import { Device } from 'mediasoup-client';
import type { Transport } from 'mediasoup-client/types';
import type { LanguageCode } from '../../protocol/languages.ts';
import { CAPTIONS_LABEL } from '../../protocol/room-messages.ts';
import type { BoothRole, ParticipantView, Preferences, TrackSource } from '../../protocol/rooms.ts';
import { finalCloseCodes, type JoinReply } from '../../protocol/signalling.ts';
import { SignallingClient, SignallingError } from '../../protocol/signalling-client.ts';
import type { BudgetNotice, UsageEntry } from '../../protocol/usage.ts';
import type { Clock } from '../../time/clock.ts';
import {
  asMediaStreamTrack,
  fromMediaStreamTrack,
  IncomingTrack,
  OutgoingTrack,
  type ReceivedPacket,
  type ReceivedVideoPacket,
} from '../webrtc/media-track.ts';
import { weriftHandlerFactory } from '../webrtc/werift-handler.ts';
import { type ConsumedProducer, incomingVideo } from './incoming-video.ts';
import { endOf, joinError, openSocket } from './join-error.ts';
import { MessageSender } from './message-sender.ts';
import { RemoteConnectionLimiter } from './remote-connection-limiter.ts';
import type {
  AudioOutput,
  Incoming,
  IncomingVideo,
  RoomConnection,
  RoomEnd,
  RoomEvents,
  TextOutput,
} from './room-connection.ts';
import { createTransport } from './room-transport.ts';
import { Roster, rosterNotifications } from './roster.ts';

const REASON_WITHIN_MS = 500;

export interface JoinOptions {
  /** `ws://…/v1/signal` */
  url: string;
  token: string;
  preferences?: Partial<Preferences>;
  name?: string;
  clock: Clock;
  events: RoomEvents;
}

/** @throws {JoinError} */
export async function joinRoom(options: JoinOptions): Promise<RoomConnection> {
  const signalling = new SignallingClient(await openSocket(options.url));
  try {
    const { token, name, preferences } = options;
    const reply = await signalling.request('join', { token, ...(name === undefined ? {} : { name }), ...preferences });
    const room = new MediasoupRoom(signalling, reply, options);
    await room.open(reply);
    return room;
  } catch (error) {
    const refused = finalCloseCodes.has(signalling.ended?.code ?? 0);
    signalling.close();
    throw joinError(error, refused);
  }
}

class MediasoupRoom implements RoomConnection {
  readonly self: string;
  readonly recentCaptions: JoinReply['captions'];
  readonly connectionLimiter: RemoteConnectionLimiter;
  budget: BudgetNotice | undefined;
  readonly #signalling: SignallingClient;
  readonly #clock: Clock;
  readonly #events: RoomEvents;
  readonly #roster: Roster;
  /** What the room's clock is ahead of ours. */
  readonly #clockOffsetMs: number;
  readonly #device = new Device({ handlerFactory: weriftHandlerFactory() });
  /** What ends each consumer here when it has ended on the server. */
  readonly #endConsumer = new Map<string, () => void>();
  #send: Transport | undefined;
  #recv: Transport | undefined;
  #isOpen = false;
  #ended = false;

  constructor(signalling: SignallingClient, reply: JoinReply, { clock, events }: JoinOptions) {
    this.self = reply.you.id;
    this.recentCaptions = reply.captions;
    this.connectionLimiter = new RemoteConnectionLimiter(signalling, clock);
    this.budget = reply.budget;
    this.#signalling = signalling;
    this.#clock = clock;
    this.#events = events;
    this.#roster = new Roster(reply.participants);
    this.#clockOffsetMs = reply.clock - clock.now();
    for (const name of rosterNotifications) {
      signalling.on(name, (data) => {
        this.#roster.apply({ name, data } as Parameters<Roster['apply']>[0]);
        events.changed();
      });
    }
    signalling.on('budget.changed', ({ budget }) => {
      this.budget = budget ?? undefined;
      events.changed();
    });
    signalling.on('consumer.closed', ({ consumerId }) => this.#endConsumer.get(consumerId)?.());
    signalling.on('dataConsumer.closed', ({ dataConsumerId }) => this.#endConsumer.get(dataConsumerId)?.());
    signalling.onEnd(({ code, reason }) => this.#end(endOf(code, reason)));
  }

  async open({ rtpCapabilities }: JoinReply): Promise<void> {
    await this.#device.load({ routerRtpCapabilities: rtpCapabilities });
    this.#send = await this.#createTransport('send');
    this.#recv = await this.#createTransport('recv');
    this.#isOpen = !this.#ended;
    if (!this.#isOpen) throw closed();
  }

  get participants(): ReadonlyMap<string, ParticipantView> {
    return this.#roster.participants;
  }

  now(): number {
    return this.#clock.now() + this.#clockOffsetMs;
  }

  async update(preferences: Partial<Preferences>): Promise<void> {
    await this.#signalling.request('participant.update', preferences);
  }

  async suggest(participantId: string, speaks: LanguageCode): Promise<void> {
    await this.#signalling.request('participant.suggest', { participantId, speaks });
  }

  async reportUsage(entries: readonly UsageEntry[]): Promise<void> {
    await this.#signalling.request('usage.report', { entries: [...entries] });
  }

  async receiveAudio(producerId: string, onPacket: (packet: ReceivedPacket) => void): Promise<Incoming> {
    // The server sends nothing until now: no packet finds nobody listening.
    const resume = (consumerId: string) => this.#signalling.request('consumer.resume', { consumerId });
    return (await this.#receive(producerId, onPacket, resume)).incoming;
  }

  async receiveVideo(producerId: string, onPacket: (packet: ReceivedVideoPacket) => void): Promise<IncomingVideo> {
    return incomingVideo(this.#signalling, await this.#receive(producerId, onPacket));
  }

  async sentBytes(producerId: string): Promise<number> {
    return (await this.#signalling.request('producer.sent', { producerId })).bytes;
  }

  async receiveTexts(dataProducerId: string, onText: (text: string) => void): Promise<Incoming> {
    const transport = this.#transport(this.#recv);
    const offered = await this.#signalling.request('dataConsumer.create', {
      transportId: transport.id,
      dataProducerId,
    });
    const closeThere = () => this.#signalling.request('dataConsumer.close', { dataConsumerId: offered.id });
    const { incoming } = await this.#incoming(offered.id, closeThere, async (stands) => {
      const consumer = stands(await transport.consumeData(offered));
      consumer.on('message', (data: unknown) => {
        if (typeof data === 'string') onText(data);
      });
    });
    return incoming;
  }

  publishMicrophone(): Promise<AudioOutput> {
    return this.#publishAudio('microphone');
  }

  publishChannel(language: LanguageCode, speaker?: string): Promise<AudioOutput> {
    return this.#publishAudio('channel', { role: 'channel', language, ...(speaker !== undefined && { speaker }) });
  }

  publishCaptions(language: LanguageCode): TextOutput {
    const sender = new MessageSender(this.#clock);
    let closeProducer = (): void => {};
    const produce = async (): Promise<void> => {
      const producer = await this.#transport(this.#send).produceData({
        ordered: true,
        label: CAPTIONS_LABEL,
        appData: { booth: { role: 'captions', language } },
      });
      closeProducer = once(() => {
        producer.close();
        this.#tell(this.#signalling.request('dataProducer.close', { dataProducerId: producer.id }));
      });
      if (sender.isClosed) closeProducer();
      else sender.attach(producer);
    };
    const close = (): void => {
      sender.close();
      closeProducer();
    };
    const opened = produce().catch((error: unknown) => {
      sender.close();
      throw error;
    });
    return { opened, send: (text, key) => sender.send(text, key), close };
  }

  close(): void {
    this.#end({ reason: 'left', retryable: false });
  }

  /** @param ready once its packets have somewhere to go */
  async #receive(
    producerId: string,
    onPacket: (packet: ReceivedVideoPacket) => void,
    ready: (consumerId: string) => Promise<unknown> = async () => {},
  ): Promise<ConsumedProducer> {
    const transport = this.#transport(this.#recv);
    const offered = await this.#signalling.request('consumer.create', {
      transportId: transport.id,
      producerId,
      rtpCapabilities: this.#device.recvRtpCapabilities,
    });
    const { id: consumerId, rtpParameters } = offered;
    const closeThere = () => this.#signalling.request('consumer.close', { consumerId });
    const { incoming, opened: track } = await this.#incoming(consumerId, closeThere, async (stands) => {
      const consumer = stands(await transport.consume(offered));
      const track = fromMediaStreamTrack(consumer.track);
      if (!(track instanceof IncomingTrack)) throw new TypeError('a consumer without a track of ours');
      track.onPacket = onPacket;
      await ready(consumerId);
      return track;
    });
    return { consumerId, rtpParameters, track, incoming };
  }

  async #publishAudio(source: TrackSource, booth?: Omit<BoothRole, 'interpreter'>): Promise<AudioOutput> {
    const track = new OutgoingTrack('audio');
    const producer = await this.#transport(this.#send).produce({
      track: asMediaStreamTrack(track),
      appData: { source, ...(booth ? { booth } : {}) },
    });
    const close = once(() => {
      producer.close();
      this.#tell(this.#signalling.request('producer.close', { producerId: producer.id }));
    });
    return { write: (payload, timestamp, marker) => track.write(payload, timestamp, marker), close };
  }

  #createTransport(direction: 'send' | 'recv'): Promise<Transport> {
    return createTransport(this.#device, this.#signalling, direction, () => {
      // A server that closes says why on the other socket, a moment later.
      this.#clock.after(REASON_WITHIN_MS, () => this.#end({ reason: 'the media connection failed', retryable: true }));
    });
  }

  #transport(transport: Transport | undefined): Transport {
    if (!transport || this.#ended) throw closed();
    return transport;
  }

  /** Opens here what stands on the server. Whichever side ends it, or fails to open it, ends it on both. */
  async #incoming<T>(
    id: string,
    closeThere: () => Promise<unknown>,
    open: (stands: <C extends Closable>(consumer: C) => C) => Promise<T>,
  ): Promise<{ incoming: Incoming; opened: T }> {
    let here: Closable | undefined;
    let ended = false;
    const end = () => {
      ended = true;
      this.#endConsumer.delete(id);
      here?.close();
    };
    this.#endConsumer.set(id, end);
    const close = () => {
      if (ended) return;
      this.#tell(closeThere());
      end();
    };
    try {
      const opened = await open((consumer) => {
        here = consumer;
        // The server may have ended it while it was in the making.
        if (ended) consumer.close();
        return consumer;
      });
      return { incoming: { close }, opened };
    } catch (error) {
      close();
      throw error;
    }
  }

  /** The server closes it anyway, with us or with its producer. */
  #tell(request: Promise<unknown>): void {
    request.catch(() => {});
  }

  #end(end: RoomEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#send?.close();
    this.#recv?.close();
    this.connectionLimiter.close();
    this.#signalling.close();
    // What never began has no end: `joinRoom` tells why.
    if (this.#isOpen) this.#events.ended(end);
  }
}

interface Closable {
  close(): void;
}

const closed = (): SignallingError => new SignallingError('closed', 'the connection to the room is closed');

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
