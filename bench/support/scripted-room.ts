/** A room connection for tests: they decide who is present and what is said, and see what the interpreter publishes. */

import {
  type BudgetNotice,
  type InterpreterStats,
  type ParticipantView,
  RoomMessage,
  type UsageEntry,
} from '@mediasoup-booth/protocol';
import type { ReceivedPacket } from '@mediasoup-booth/werift-handler';
import { createOpusEncoder, OPUS_FRAME_SAMPLES } from '../../audio/opus-codec.ts';
import { resample } from '../../audio/resample.ts';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import type {
  AudioOutput,
  Incoming,
  IncomingVideo,
  RoomConnection,
  TextOutput,
  TextOutputEvents,
} from '../../bot/room/room-connection.ts';
import { type ConnectionLimiter, unlimitedConnections } from '../../bot/session/connection-limiter.ts';
import type { UsageReport } from '../../bot/usage/usage-recorder.ts';
import type { FakeClock } from '../../time/fake-clock.ts';
import { humanSpeech } from './speech.ts';

const TICKS_PER_FRAME = 960;

interface Received {
  producerId: string;
  onPacket: (packet: ReceivedPacket) => void;
  closed: boolean;
  /** Ends it as the server may: without being asked to. */
  lose(): void;
}

/** An audio channel that the interpreter has published. */
export interface PublishedChannel {
  language: string;
  /** Present if the channel carries the translation of one speaker only. */
  speaker?: string;
  packets: number;
  closed: boolean;
}

/** A caption channel that the interpreter has published. */
export interface PublishedCaptions {
  language: string;
  messages: RoomMessage[];
  closed: boolean;
  /** The test calls these to report that the channel was opened, or could not be. */
  events: TextOutputEvents | undefined;
}

/** A packet that was sent on a channel. */
export interface ChannelPacket {
  channel: PublishedChannel;
  payload: Uint8Array;
  /** Whether there was a gap before this packet. */
  marker: boolean;
}

export class ScriptedRoom implements RoomConnection {
  readonly self = 'bot';
  readonly recentCaptions = [];
  /** To be set before the interpreter joins. */
  connectionLimiter: ConnectionLimiter = unlimitedConnections;
  budget: BudgetNotice | undefined;
  /** Called with each usage report. */
  onUsage: (entries: readonly UsageEntry[]) => void = () => {};
  /** Called with each packet of a channel when it is sent; its payload is overwritten afterwards. */
  onChannelPacket: (packet: ChannelPacket) => void = () => {};
  /** Called with each message of a caption channel when it is sent. */
  onMessage: (message: RoomMessage) => void = () => {};
  readonly stats: InterpreterStats[] = [];
  /** Language suggestions that the interpreter has sent, as `id: language`. */
  readonly suggested: string[] = [];
  /** Volume notices that the interpreter has sent, as `id: tooQuiet` or `id: loudEnough`. */
  readonly volumeNotices: string[] = [];
  readonly participants = new Map<string, ParticipantView>();
  readonly received: Received[] = [];
  readonly channels: PublishedChannel[] = [];
  readonly captions: PublishedCaptions[] = [];
  readonly #clock: FakeClock;
  /** Ids of producers that fail to be received, and languages whose channels fail to be published. */
  readonly broken = new Set<string>();
  /** Keyed by producer id: the number of packets that it has sent. */
  readonly #packetCounts = new Map<string, number>();

  constructor(clock: FakeClock, ...participants: ParticipantView[]) {
    this.#clock = clock;
    for (const participant of participants) this.participants.set(participant.id, participant);
  }

  now(): number {
    return 50_000 + this.#clock.now();
  }

  async update(): Promise<void> {}

  async suggest(participantId: string, speaks: string): Promise<void> {
    this.suggested.push(`${participantId}: ${speaks}`);
  }

  async setTooQuiet(participantId: string, isTooQuiet: boolean): Promise<void> {
    this.volumeNotices.push(`${participantId}: ${isTooQuiet ? 'tooQuiet' : 'loudEnough'}`);
  }

  async reportUsage({ entries }: UsageReport): Promise<void> {
    this.onUsage(entries);
  }

  async reportStats(stats: InterpreterStats): Promise<void> {
    this.stats.push(stats);
  }

  async receiveAudio(
    producerId: string,
    onPacket: (packet: ReceivedPacket) => void,
    onLost?: () => void,
  ): Promise<Incoming> {
    if (this.broken.has(producerId)) throw new Error('the producer is gone');
    const received: Received = {
      producerId,
      onPacket,
      closed: false,
      lose() {
        received.closed = true;
        onLost?.();
      },
    };
    this.received.push(received);
    return {
      close: () => {
        received.closed = true;
      },
    };
  }

  async receiveVideo(): Promise<IncomingVideo> {
    throw new Error('nobody shows anything');
  }

  async sentBytes(): Promise<number> {
    throw new Error('nobody shows anything');
  }

  async receiveTexts(): Promise<Incoming> {
    throw new Error('an interpreter reads nothing');
  }

  async publishMicrophone(): Promise<AudioOutput> {
    throw new Error('an interpreter has no microphone');
  }

  async publishChannel(language: string, speaker?: string): Promise<AudioOutput> {
    if (this.broken.has(language)) throw new Error('the server does not answer');
    const channel = { language, ...(speaker !== undefined && { speaker }), packets: 0, closed: false };
    this.channels.push(channel);
    return {
      write: (payload, _timestamp, marker) => {
        channel.packets++;
        this.onChannelPacket({ channel, payload, marker });
      },
      close: () => {
        channel.closed = true;
      },
    };
  }

  publishCaptions(language: string, events?: TextOutputEvents): TextOutput {
    const captions: PublishedCaptions = { language, messages: [], closed: false, events };
    this.captions.push(captions);
    return {
      opened: Promise.resolve(),
      send: (text) => {
        const message = RoomMessage.parse(JSON.parse(text));
        captions.messages.push(message);
        this.onMessage(message);
      },
      close: () => {
        captions.closed = true;
      },
    };
  }

  close(): void {}

  /** The ids of the microphone producers that are received now. */
  get listeningTo(): string[] {
    return this.received.filter(({ closed }) => !closed).map(({ producerId }) => producerId);
  }

  messages(language: string): RoomMessage[] {
    return this.captions.filter((one) => one.language === language).flatMap(({ messages }) => messages);
  }

  /** Sends `ms` milliseconds of human speech from a participant's microphone, with an audio level if one is given. */
  async says(id: string, ms: number, audioLevel?: number): Promise<void> {
    await this.sounds(id, await talk(ms), audioLevel);
  }

  /** Sends 24 kHz sound from a participant's microphone. */
  async sounds(id: string, sound: Int16Array, audioLevel?: number): Promise<void> {
    const encoder = await createOpusEncoder();
    for (let at = 0; at + OPUS_FRAME_SAMPLES <= sound.length; at += OPUS_FRAME_SAMPLES) {
      this.sendPacket(id, Buffer.from(encoder.encode(sound.subarray(at, at + OPUS_FRAME_SAMPLES))), audioLevel);
      this.#clock.advance(20);
      // Lets pending promises run.
      for (let i = 0; i < 8; i++) await Promise.resolve();
    }
    encoder.close();
  }

  /** The packets of a participant's microphone are numbered from 0 again, as those of another consumer may be. */
  numbersAnew(id: string): void {
    this.#packetCounts.delete(`mic-${id}`);
  }

  /** Sends the next 20 ms of a participant's microphone. */
  sendPacket(id: string, payload: Buffer, audioLevel?: number): void {
    const producerId = `mic-${id}`;
    const count = this.#packetCounts.get(producerId) ?? 0;
    this.#packetCounts.set(producerId, count + 1);
    const timestamp = (count * TICKS_PER_FRAME) % 2 ** 32;
    const packet = { sequenceNumber: count & 0xffff, timestamp, payload, audioLevel };
    for (const received of this.received)
      if (!received.closed && received.producerId === producerId) received.onPacket(packet);
  }
}

/** Human speech without a pause: a part of a recording, repeated. */
async function talk(ms: number): Promise<Int16Array> {
  const { samples, sampleRate } = humanSpeech('demo-nogo');
  const words = samples.subarray(0.78 * sampleRate, 5.78 * sampleRate);
  const sound = Int16Array.from({ length: (ms * sampleRate) / 1000 }, (_, i) => words[i % words.length] ?? 0);
  return resample(sound, sampleRate, VOICE_SAMPLE_RATE);
}
