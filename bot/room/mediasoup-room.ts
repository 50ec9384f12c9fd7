/**
 * A room of Booth's server for a headless participant: a `RoomClient` over `ws` and werift, which receives and sends Opus packets and
 * texts. `ended` is called once, when the connection has ended.
 */

import {
  type BudgetNotice,
  CAPTIONS_LABEL,
  type ClaimedRole,
  type InterpreterStats,
  type JoinReply,
  type LanguageCode,
  type ParticipantView,
  type Preferences,
  type TrackSource,
} from '@mediasoup-booth/protocol';
import {
  asMediaStreamTrack,
  fromMediaStreamTrack,
  IncomingTrack,
  OutgoingTrack,
  type ReceivedPacket,
  type ReceivedVideoPacket,
  weriftHandlerFactory,
} from '@mediasoup-booth/werift-handler';
import { Device, parseScalabilityMode } from 'mediasoup-client';
import type { Consumer } from 'mediasoup-client/types';
import { type Consumed, type ConsumeOptions, RoomClient } from '../../room-client/room-client.ts';
import { rosterNotifications } from '../../room-client/roster.ts';
import { SignallingError } from '../../room-client/signalling-client.ts';
import type { Clock } from '../../time/clock.ts';
import type { UsageReport } from '../usage/usage-recorder.ts';
import { codecOf } from '../vision/key-frame/key-frame.ts';
import { endOf, joinError, openSocket } from './join-error.ts';
import { type OpenTextChannel, PersistentTextOutput } from './persistent-text-output.ts';
import { RemoteConnectionLimiter } from './remote-connection-limiter.ts';
import type {
  AudioOutput,
  Incoming,
  IncomingVideo,
  RoomConnection,
  RoomEvents,
  TextOutput,
  TextOutputEvents,
} from './room-connection.ts';

export interface JoinOptions {
  /** `ws://…/v1/signal` */
  url: string;
  token: string;
  preferences?: Partial<Preferences>;
  name?: string;
  clock: Clock;
  events: RoomEvents;
}

/**
 * Joins a room. Resolves when both media transports are created.
 *
 * @throws {JoinError}
 * @example
 * const room = await joinRoom({ url, token, clock: systemClock, events: { changed() {}, ended: ({ reason }) => log(reason) } });
 * await room.publishMicrophone();
 */
export async function joinRoom({ url, token, events, ...options }: JoinOptions): Promise<RoomConnection> {
  let client: RoomClient | undefined;
  try {
    const device = new Device({ handlerFactory: weriftHandlerFactory({ clock: options.clock }) });
    client = await RoomClient.join({ ...options, socket: await openSocket(url, token), device });
    await client.transport('send');
    await client.transport('recv');
    if (client.ended) throw new SignallingError('closed', client.ended.reason);
    return new MediasoupRoom(client, options.clock, events);
  } catch (error) {
    const end = client?.ended;
    client?.close();
    throw joinError(error, end);
  }
}

const rosterChanges: ReadonlySet<string> = new Set(rosterNotifications);

class MediasoupRoom implements RoomConnection {
  readonly connectionLimiter: RemoteConnectionLimiter;
  budget: BudgetNotice | undefined;
  readonly #client: RoomClient;
  readonly #clock: Clock;

  constructor(client: RoomClient, clock: Clock, events: RoomEvents) {
    this.#client = client;
    this.#clock = clock;
    this.connectionLimiter = new RemoteConnectionLimiter(client, clock);
    this.budget = client.reply.budget;
    client.listen({
      onNotification: (name, data) => {
        if (name === 'budget.changed') this.budget = (data as { budget: BudgetNotice | null }).budget ?? undefined;
        else if (!rosterChanges.has(name)) return;
        events.changed();
      },
      onEnd: (end) => {
        this.connectionLimiter.close();
        events.ended(endOf(end));
      },
    });
  }

  get self(): string {
    return this.#client.reply.you.id;
  }

  get recentCaptions(): JoinReply['captions'] {
    return this.#client.reply.captions;
  }

  get participants(): ReadonlyMap<string, ParticipantView> {
    return this.#client.participants;
  }

  now(): number {
    return this.#client.now();
  }

  async update(preferences: Partial<Preferences>): Promise<void> {
    await this.#client.request('participant.update', preferences);
  }

  async suggest(participantId: string, speaks: LanguageCode): Promise<void> {
    await this.#client.request('participant.suggest', { participantId, speaks });
  }

  async setTooQuiet(participantId: string, isTooQuiet: boolean): Promise<void> {
    await this.#client.request('participant.setTooQuiet', { participantId, isTooQuiet });
  }

  async reportUsage(report: UsageReport): Promise<void> {
    await this.#client.request('usage.report', report);
  }

  async reportStats(stats: InterpreterStats): Promise<void> {
    await this.#client.request('interpreter.report', stats);
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
    return incomingVideo(this.#client, received);
  }

  async sentBytes(producerId: string): Promise<number> {
    return (await this.#client.request('producer.sent', { producerId })).bytes;
  }

  async receiveTexts(dataProducerId: string, onText: (text: string) => void): Promise<Incoming> {
    return this.#client.consumeData(dataProducerId, (consumer) => {
      consumer.on('message', (data: unknown) => {
        if (typeof data === 'string') onText(data);
      });
    });
  }

  publishMicrophone(): Promise<AudioOutput> {
    return this.#publishAudio('microphone');
  }

  publishChannel(language: LanguageCode, speaker?: string): Promise<AudioOutput> {
    return this.#publishAudio('channel', { role: 'channel', language, ...(speaker !== undefined && { speaker }) });
  }

  publishCaptions(language: LanguageCode, events?: TextOutputEvents): TextOutput {
    const open = (onLost: () => void) => this.#openCaptions(language, onLost);
    return new PersistentTextOutput({ open, clock: this.#clock, events });
  }

  close(): void {
    this.#client.close();
  }

  async #openCaptions(language: LanguageCode, onLost: () => void): Promise<OpenTextChannel> {
    const producer = await this.#client.produceData(CAPTIONS_LABEL, { role: 'captions', language });
    const close = once(() => ignoreFailure(this.#client.closeDataProducer(producer)));
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
    return this.#client.consume(producerId, { ...options, onConsumer });
  }

  async #publishAudio(source: TrackSource, booth?: ClaimedRole): Promise<AudioOutput> {
    const track = new OutgoingTrack('audio');
    const producer = await this.#client.produce({
      track: asMediaStreamTrack(track),
      source,
      ...(booth ? { booth } : {}),
    });
    const close = once(() => ignoreFailure(this.#client.closeProducer(producer)));
    return { write: (payload, timestamp, marker) => track.write(payload, timestamp, marker), close };
  }
}

function incomingVideo(client: RoomClient, { consumer, close }: Consumed<Consumer>): IncomingVideo {
  const { id: consumerId, rtpParameters } = consumer;
  const mimeType = rtpParameters.codecs[0]?.mimeType ?? '';
  const codec = codecOf(mimeType);
  if (!codec) throw new Error(`the video codec ${mimeType} is not supported`);
  const track = incomingTrack(consumer);
  return {
    codec,
    spatialLayers: parseScalabilityMode(rtpParameters.encodings?.[0]?.scalabilityMode).spatialLayers,
    async resume() {
      await client.request('consumer.resume', { consumerId });
    },
    async pause() {
      await client.request('consumer.pause', { consumerId });
    },
    async prefer(spatialLayer) {
      await client.request('consumer.setPreferredLayers', { consumerId, spatialLayer });
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

/** Ignores failures of requests to close something: the server closes it with the connection anyway. */
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
