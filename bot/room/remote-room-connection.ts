/**
 * A host's room for a headless participant, over mediasoup-client and werift: it receives and sends Opus packets and texts. `ended` is called
 * once, when the connection has ended, and everything that was opened on it is closed then.
 */
import {
  type BudgetNotice,
  CAPTIONS_LABEL,
  type ClaimedRole,
  type InterpreterStats,
  type LanguageCode,
  type ParticipantView,
  type Preferences,
  type RoomMessage,
  type TrackSource,
} from '@mediasoup-booth/protocol';
import {
  asMediaStreamTrack,
  fromMediaStreamTrack,
  IncomingTrack,
  OutgoingTrack,
} from '@mediasoup-booth/werift-handler';
import { parseScalabilityMode } from 'mediasoup-client';
import type { Consumer, Device } from 'mediasoup-client/types';
import { BoundedMap } from '../../collections/bounded-map.ts';
import type { Logger } from '../../logging/logger.ts';
import { type Consumed, type ConsumeOptions, MediaConnection } from '../../room-client/media-connection.ts';
import type { MediaSignalling } from '../../room-client/media-signalling.ts';
import { SignallingError } from '../../room-client/signalling-client.ts';
import type { ReceivedPacket, ReceivedVideoPacket } from '../../rtp/received-packet.ts';
import type { Clock } from '../../time/clock.ts';
import { callHost, HostReader, safeLimiter } from '../host-call.ts';
import { matchLanguage, type ServedLanguages } from '../in-process/served-languages.ts';
import { textForPeople } from '../in-process/status-for-people.ts';
import type { LocalAccount } from '../process/local-account.ts';
import type { ConnectionLimiter } from '../session/connection-limiter.ts';
import type { UsageReport } from '../usage/usage-recorder.ts';
import { codecOf, type VideoCodec } from '../vision/key-frame/key-frame.ts';
import { type OpenTextChannel, PersistentTextOutput } from './persistent-text-output.ts';
import { PushedConsumers } from './pushed-consumers.ts';
import { participantsOf } from './remote-people.ts';
import { RemoteProblems } from './remote-problems.ts';
import type { JoinRoom, RemoteLink, RemoteRoom } from './remote-room.ts';
import { answerOf, remoteSignalling, sctpCapabilities } from './remote-signalling.ts';
import type {
  AudioOutput,
  Incoming,
  IncomingVideo,
  RoomConnection,
  RoomEnd,
  RoomEvents,
  TextOutput,
  TextOutputEvents,
  VideoOutput,
} from './room-connection.ts';

/** More codes than the people of a room name. */
const MAX_LANGUAGES = 256;
const DEFAULT_SELF = 'booth-interpreter';
/** When the server closes a connection, its reason arrives within this time after the media transports have failed. */
const CLOSE_REASON_TIMEOUT_MS = 500;
/** Bytes in a millisecond that no still video has: what is not measured counts as moving. */
const MOVING_BYTES_PER_MS = 1000;

export interface RemoteRoomOptions {
  join: JoinRoom;
  clock: Clock;
  events: RoomEvents;
  log: Logger;
  /** Ends the join; what was joined is ended by `close`. */
  signal?: AbortSignal;
  /** For transports that name none. Default: none. */
  iceServers?: readonly RTCIceServer[] | undefined;
  /** Where the room has none of its own. */
  connectionLimiter: ConnectionLimiter;
  /** Counts what is used, and bounds it, where the room has no budget of its own. Default: nothing does. */
  account?: LocalAccount;
  /** The languages that the host is told of, where its people lack something. Default: the host is told nothing. */
  served?: ServedLanguages;
  /** When the room's clock began, on `clock`, where the room has none of its own. Default: now. */
  startedMs?: number;
}

export class RemoteRoomConnection implements RoomConnection {
  readonly self: string;
  readonly connectionLimiter: ConnectionLimiter;
  readonly participants = new Map<string, ParticipantView>();
  readonly #room: RemoteRoom;
  readonly #device: Device;
  readonly #options: RemoteRoomOptions;
  readonly #leave: () => void;
  readonly #host: HostReader;
  readonly #pushed: PushedConsumers;
  readonly #signalling: MediaSignalling;
  readonly #media: MediaConnection;
  readonly #startedMs: number;
  readonly #problems: RemoteProblems | undefined;
  readonly #account: LocalAccount | undefined;
  readonly #stopListening: readonly (() => void)[];
  /** The languages of the engine by the codes that people name. */
  readonly #languages = new BoundedMap<string, LanguageCode>(MAX_LANGUAGES);
  #isOpen = false;
  #hasSctp = false;
  #cancelFailure: (() => void) | undefined;
  #ended = false;

  /** @param leave tells the host that the connection is over */
  constructor(room: RemoteRoom, device: Device, options: RemoteRoomOptions, leave: () => void) {
    const { clock, connectionLimiter, account, served, log } = options;
    this.#room = room;
    this.#device = device;
    this.#options = options;
    this.#leave = leave;
    this.#host = new HostReader(log);
    this.#startedMs = options.startedMs ?? clock.now();
    this.self = room.self ?? DEFAULT_SELF;
    this.connectionLimiter = room.connectionLimiter
      ? safeLimiter(room.connectionLimiter, this.#host)
      : connectionLimiter;
    this.#pushed = new PushedConsumers(clock, (consumerId) =>
      ignoreFailure(this.#signalling.pauseConsumer(consumerId)),
    );
    const signalling = remoteSignalling({ room, pushed: this.#pushed, clock });
    this.#signalling = {
      ...signalling,
      createTransport: async (direction) => {
        const transport = await signalling.createTransport(direction);
        if (direction === 'send') this.#hasSctp = transport.sctpParameters !== undefined;
        return transport;
      },
    };
    this.#media = new MediaConnection({
      device,
      signalling: this.#signalling,
      clock,
      publishes: (id) => this.#publishes(id),
      onLost: (isLost) => options.events.mediaLost?.(isLost),
      onFailed: () => this.#mediaFailed(),
    });
    this.#problems = served && new RemoteProblems(room, served, clock, log);
    this.#account = 'budget' in room ? undefined : account;
    this.#stopListening = [this.#account?.onNoticeChanged(() => this.changed()), this.#followEngineTrial()].filter(
      (stop) => stop !== undefined,
    );
    this.#refresh();
  }

  /** Creates the transports, and lets the server push consumers. */
  async open(): Promise<void> {
    await this.#media.transport('send');
    await this.#media.transport('recv');
    const { produceData, message, enter } = this.#room;
    if (!this.#hasDataChannels && !message)
      this.#options.log.warn(
        { produceData: produceData !== undefined, sctpParameters: this.#hasSctp },
        'captions cannot be sent: create the transports with enableSctp and implement produceData(), or implement message()',
      );
    const { recvRtpCapabilities: rtpCapabilities } = this.#device;
    if (enter) await this.#ask('enter', () => enter.call(this.#room, { rtpCapabilities, sctpCapabilities }));
    this.#isOpen = true;
    // Whoever keeps the account elsewhere is not asked for a connection before somebody speaks.
    if (!this.#room.connectionLimiter) this.#options.account?.engineTrial?.begin();
  }

  // What the host reports

  changed(): void {
    this.#refresh();
    if (!this.#ended) this.#options.events.changed();
  }

  push(consumer: Parameters<RemoteLink['consumer']>[0]): void {
    this.#pushed.add(consumer);
    this.changed();
  }

  consumerClosed(consumerId: string): void {
    const wasPushed = this.#pushed.remove(consumerId);
    this.#media.consumerClosed(consumerId);
    if (wasPushed) this.changed();
  }

  end(end: RoomEnd): void {
    if (this.#ended) return;
    this.abandon();
    // A room that is not open yet is one that could not be joined.
    if (this.#isOpen) this.#options.events.ended(end);
  }

  /** Closes everything without telling anybody. */
  abandon(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelFailure?.();
    for (const stop of this.#stopListening) stop();
    this.#problems?.close();
    this.#media.close();
    this.#pushed.close();
    this.#tell('close', () => this.#room.close());
    this.#leave();
  }

  // What the participant sees and does

  get recentCaptions(): readonly RoomMessage[] {
    return this.#room.recentCaptions ?? [];
  }

  get budget(): BudgetNotice | undefined {
    return this.#account ? this.#account.notice : this.#host.read('budget', () => this.#room.budget, undefined);
  }

  now(): number {
    return this.#host.read('now', () => this.#room.now?.(), undefined) ?? this.#options.clock.now() - this.#startedMs;
  }

  async update(preferences: Partial<Preferences>): Promise<void> {
    await this.#ask('update', () => this.#room.update?.(preferences));
  }

  async suggest(participantId: string, speaks: LanguageCode): Promise<void> {
    await this.#ask('suggest', () => this.#room.suggest?.(participantId, speaks));
  }

  async setTooQuiet(participantId: string, isTooQuiet: boolean): Promise<void> {
    await this.#ask('setTooQuiet', () => this.#room.setTooQuiet?.(participantId, isTooQuiet));
  }

  async reportUsage(report: UsageReport): Promise<void> {
    this.#account?.count(this.self, report);
    await this.#ask('reportUsage', () => this.#room.reportUsage?.(report));
  }

  async reportStats(stats: InterpreterStats): Promise<void> {
    await this.#ask('reportStats', () => this.#room.reportStats?.(stats));
  }

  async receiveAudio(
    producerId: string,
    onPacket: (packet: ReceivedPacket) => void,
    onLost?: () => void,
  ): Promise<Incoming> {
    const { consumer, close } = await this.#receive(producerId, onPacket);
    const track = incomingTrack(consumer);
    if (onLost && consumer.closed) onLost();
    else if (onLost) consumer.observer.once('close', onLost);
    return {
      close,
      get nackedPackets() {
        return track.nackedPackets;
      },
      get droppedPackets() {
        return track.droppedPackets;
      },
    };
  }

  async receiveVideo(producerId: string, onPacket: (packet: ReceivedVideoPacket) => void): Promise<IncomingVideo> {
    const received = await this.#receive(producerId, onPacket, { paused: true });
    return incomingVideo(this.#signalling, received);
  }

  async sentBytes(producerId: string): Promise<number> {
    const { sentBytes } = this.#room;
    if (!sentBytes) return this.#options.clock.now() * MOVING_BYTES_PER_MS;
    return this.#ask('sentBytes', () => sentBytes.call(this.#room, producerId));
  }

  async receiveTexts(dataProducerId: string, onText: (text: string) => void): Promise<Incoming> {
    return this.#media.consumeData(dataProducerId, (consumer) => {
      consumer.on('message', (data: unknown) => {
        if (typeof data === 'string') onText(data);
      });
    });
  }

  publishMicrophone(): Promise<AudioOutput> {
    return this.#publishAudio('microphone');
  }

  async publishCamera(codec: VideoCodec): Promise<VideoOutput> {
    const track = new OutgoingTrack('video');
    const wanted = this.#device.sendRtpCapabilities.codecs?.find(({ mimeType }) => codecOf(mimeType) === codec);
    if (!wanted) throw new Error(`the room takes no ${codec}`);
    const producer = await this.#media.produce({
      track: asMediaStreamTrack(track),
      codec: wanted,
      appData: { source: 'camera' },
    });
    const close = once(() => ignoreFailure(this.#media.closeProducer(producer)));
    return { write: (payload, timestamp, marker) => track.write(payload, timestamp, marker), close };
  }

  publishChannel(language: LanguageCode, speaker?: string): Promise<AudioOutput> {
    return this.#publishAudio('channel', { role: 'channel', language, ...(speaker !== undefined && { speaker }) });
  }

  publishCaptions(language: LanguageCode, events?: TextOutputEvents): TextOutput {
    const open = (onLost: () => void) => this.#openCaptions(language, onLost);
    const { message, tellsDetails } = this.#room;
    const output =
      this.#hasDataChannels || !message
        ? new PersistentTextOutput({ open, clock: this.#options.clock, events })
        : undefined;
    if (!output) queueMicrotask(() => events?.opened());
    return {
      opened: output?.opened ?? Promise.resolve(),
      send: (text, key) => {
        const told = tellsDetails ? text : textForPeople(text);
        output?.send(told, key);
        if (message) this.#tell('message', () => this.#room.message?.(JSON.parse(told) as RoomMessage));
      },
      close: () => output?.close(),
    };
  }

  close(): void {
    this.end({ reason: 'left', retryable: false });
  }

  get #hasDataChannels(): boolean {
    return this.#hasSctp && this.#room.produceData !== undefined;
  }

  #ask<T>(what: string, call: () => T | Promise<T>): Promise<T> {
    if (this.#ended) return Promise.reject(new SignallingError('closed', 'the connection to the room is closed'));
    return answerOf(what, call, this.#options.clock);
  }

  /** Tells the host something, whose errors harm nobody else. */
  #tell(what: string, call: () => unknown): void {
    void callHost(call, (error) => this.#options.log.error({ err: error, member: what }, 'member of the room failed'));
  }

  /** Has the host told of what was found when the engine was tried; returns what ends that. */
  #followEngineTrial(): (() => void) | undefined {
    const trial = this.#options.account?.engineTrial;
    const tell = () => this.#problems?.setEngineProblem(trial?.problem);
    tell();
    return trial?.onTried(tell);
  }

  /** The map stays the same, as others hold on to it. */
  #refresh(): void {
    try {
      const people = [...this.#room.people()];
      const now = participantsOf(people, this.#pushed.values(), this.self, this.#canonical);
      for (const id of this.participants.keys()) if (!now.has(id)) this.participants.delete(id);
      for (const [id, participant] of now) this.participants.set(id, participant);
      const undeclared = people.filter(({ speaks }) => speaks === undefined).map(({ id }) => id);
      this.#problems?.update(now.values(), new Set(undeclared));
    } catch (error) {
      this.#options.log.error({ err: error, member: 'people' }, 'member of the room failed');
    }
  }

  /** A locale stands for the language of the engine that it means. People are looked at with each change: what was found is kept. */
  readonly #canonical = (code: string): string => {
    const { served } = this.#options;
    if (!served) return code;
    const found = this.#languages.get(code) ?? matchLanguage(code, [...served.sources, ...served.targets]) ?? code;
    this.#languages.set(code, found);
    return found;
  };

  #publishes(id: string): boolean {
    const hasId = (published: { id: string }) => published.id === id;
    return [...this.participants.values()].some(
      ({ producers, dataProducers }) => producers.some(hasId) || dataProducers.some(hasId),
    );
  }

  #mediaFailed(): void {
    const end = { reason: 'the media connection failed', retryable: true };
    this.#cancelFailure ??= this.#options.clock.after(CLOSE_REASON_TIMEOUT_MS, () => this.end(end));
  }

  async #openCaptions(language: LanguageCode, onLost: () => void): Promise<OpenTextChannel> {
    const producer = await this.#media.produceData({
      ordered: true,
      label: CAPTIONS_LABEL,
      appData: { booth: { role: 'captions', language } satisfies ClaimedRole },
    });
    const close = once(() => ignoreFailure(this.#media.closeDataProducer(producer)));
    producer.once('close', () => {
      close();
      onLost();
    });
    return { channel: producer, close };
  }

  #receive(
    producerId: string,
    onPacket: (packet: ReceivedVideoPacket) => void,
    options: ConsumeOptions = {},
  ): Promise<Consumed<Consumer>> {
    const onConsumer = (consumer: Consumer) => {
      incomingTrack(consumer).onPacket = onPacket;
    };
    return this.#media.consume(producerId, { ...options, onConsumer });
  }

  async #publishAudio(source: TrackSource, booth?: ClaimedRole): Promise<AudioOutput> {
    const track = new OutgoingTrack('audio');
    const producer = await this.#media.produce({
      track: asMediaStreamTrack(track),
      appData: { source, ...(booth && { booth }) },
    });
    const close = once(() => ignoreFailure(this.#media.closeProducer(producer)));
    return { write: (payload, timestamp, marker) => track.write(payload, timestamp, marker), close };
  }
}

function incomingVideo(signalling: MediaSignalling, { consumer, close }: Consumed<Consumer>): IncomingVideo {
  const { id, rtpParameters } = consumer;
  const mimeType = rtpParameters.codecs[0]?.mimeType ?? '';
  const codec = codecOf(mimeType);
  if (!codec) throw new Error(`the video codec ${mimeType} is not supported`);
  const track = incomingTrack(consumer);
  return {
    codec,
    spatialLayers: parseScalabilityMode(rtpParameters.encodings?.[0]?.scalabilityMode).spatialLayers,
    async resume() {
      await signalling.resumeConsumer(id);
    },
    async pause() {
      await signalling.pauseConsumer(id);
    },
    async prefer(spatialLayer) {
      await signalling.setPreferredLayers(id, spatialLayer);
    },
    requestKeyFrame: () => track.requestKeyFrame(),
    close,
  };
}

function incomingTrack(consumer: Consumer): IncomingTrack {
  const track = fromMediaStreamTrack(consumer.track);
  if (!(track instanceof IncomingTrack)) throw new TypeError('the track of a consumer is no IncomingTrack');
  return track;
}

/** Ignores failures of requests to pause or close something: the server closes it with the connection anyway. */
function ignoreFailure(request: Promise<unknown>): void {
  request.catch(() => {});
}

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
