/** Servers side by side with an interpreter, in whose room somebody says the same sentence again and again: which of them were interpreted, and how often. */
import { Transcript } from '@mediasoup-booth/protocol';
import { expect, onTestFinished, vi } from 'vitest';
import { createOpusEncoder, OPUS_FRAME_SAMPLES, type OpusEncoder } from '../../audio/opus-codec.ts';
import { resample } from '../../audio/resample.ts';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import { OpusSender } from '../../bot/playout/opus-sender.ts';
import type { AudioOutput, RoomConnection } from '../../bot/room/room-connection.ts';
import { systemClock } from '../../time/clock.ts';
import { startBooth } from './booth-process.ts';
import { TestCluster } from './cluster.ts';
import { LastingParticipant } from './lasting-participant.ts';
import { person, tokenOf } from './server.ts';
import { SimulatedVendor } from './simulated-vendor.ts';
import { until } from './until.ts';

const FRAME_MS = 20;
const SENTENCE_EVERY_MS = 10_000;
const SENTENCE_EVERY_FRAMES = SENTENCE_EVERY_MS / FRAME_MS;
/** How far a detector's beginnings and ends of speech may be from one another. */
const TOLERANCE_MS = 700;

export interface Span {
  start: number;
  end: number;
}

/** Somebody who says a sentence every ten seconds, whether or not they are connected. */
export class Talker {
  /** When the first sentence begins. */
  #startMs: number | undefined;
  #count = Number.POSITIVE_INFINITY;
  #stopped = false;
  /** The frame that is sent next; 0 is the first of the first sentence. */
  #position = Number.NEGATIVE_INFINITY;
  #sender: OpusSender | undefined;
  #wasAway = true;
  readonly #sentence: Int16Array;
  /** What is ready to be used in each room. */
  readonly #voices = new WeakMap<RoomConnection, Promise<[AudioOutput, OpusEncoder]>>();

  static async enter(url: string): Promise<Talker> {
    const { samples, sampleRate } = humanSpeech('conf-waitforleader');
    return new Talker(url, await resample(samples, sampleRate, VOICE_SAMPLE_RATE));
  }

  private constructor(url: string, sentence: Int16Array) {
    this.#sentence = sentence;
    let used: RoomConnection | undefined;
    const participant = new LastingParticipant({
      url,
      token: tokenOf(person('ana', { name: 'Ana' })),
      preferences: { speaks: 'en' },
      prepare: async (room) => void (await this.#voiceIn(room)),
      changed: (room) => {
        if (room === used) return;
        used = room;
        void this.#speakIn(room);
      },
    });
    onTestFinished(() => {
      participant.leave();
      this.#sender?.close();
    });
  }

  /** Begins with the first sentence in so many milliseconds, and ends after so many sentences. */
  start({ inMs = 0, count = Number.POSITIVE_INFINITY } = {}): void {
    this.#startMs = performance.now() + inMs;
    this.#count = count;
    this.#position = -Math.ceil(inMs / FRAME_MS);
  }

  /** Ends after a sentence. @returns how many were said */
  async stop(): Promise<number> {
    const said = this.said + 1;
    await until(() => this.said >= said);
    this.#stopped = true;
    return said;
  }

  get sentenceMs(): number {
    return (this.#sentence.length / VOICE_SAMPLE_RATE) * 1000;
  }

  /** How many sentences are over. */
  get said(): number {
    const over = Math.floor((this.#position - this.#sentenceFrames) / SENTENCE_EVERY_FRAMES) + 1;
    return Math.min(this.#count, Math.max(0, over));
  }

  get #sentenceFrames(): number {
    return Math.ceil(this.#sentence.length / OPUS_FRAME_SAMPLES);
  }

  #voiceIn(room: RoomConnection): Promise<[AudioOutput, OpusEncoder]> {
    const voice = this.#voices.get(room) ?? Promise.all([room.publishMicrophone(), createOpusEncoder()]);
    this.#voices.set(room, voice);
    return voice;
  }

  async #speakIn(room: RoomConnection): Promise<void> {
    const [output, encoder] = await this.#voiceIn(room);
    this.#wasAway = true;
    this.#sender?.close();
    this.#sender = new OpusSender(encoder, output, systemClock, () => this.#nextFrame());
    this.#sender.wake();
  }

  #nextFrame(): Int16Array {
    const frame = new Int16Array(OPUS_FRAME_SAMPLES);
    if (this.#startMs === undefined || this.#stopped) return frame;
    this.#keepUp(Math.floor((performance.now() - this.#startMs) / FRAME_MS));
    const position = this.#position++;
    const sentence = Math.floor(position / SENTENCE_EVERY_FRAMES);
    if (sentence < 0 || sentence >= this.#count) return frame;
    const from = (position - sentence * SENTENCE_EVERY_FRAMES) * OPUS_FRAME_SAMPLES;
    frame.set(this.#sentence.subarray(from, from + OPUS_FRAME_SAMPLES));
    return frame;
  }

  /** What would have been said while they were away was not heard. On a busy computer pauses are shortened, and no sentence is. */
  #keepUp(due: number): void {
    const next = Math.floor(this.#position / SENTENCE_EVERY_FRAMES) + 1;
    const isPause = this.#position - (next - 1) * SENTENCE_EVERY_FRAMES >= this.#sentenceFrames;
    const latest = this.#wasAway ? due : isPause ? Math.min(due, next * SENTENCE_EVERY_FRAMES) : this.#position;
    this.#position = Math.max(this.#position, latest);
    this.#wasAway = false;
  }
}

/**
 * Resolves when an interpreter is in the room of `ben`, who reads Spanish, and `ana`, who has not begun to talk.
 *
 * @param placement where it runs: in the node that has the room, or on a worker
 */
export async function interpretedCluster(
  nodes: number,
  placement: 'here' | 'workers' = 'here',
): Promise<{ cluster: TestCluster; talker: Talker }> {
  const vendor = await SimulatedVendor.start();
  const service = { BOOTH_LIVETRANSLATE_URL: vendor.url, DASHSCOPE_API_KEY: 'sk-any' };
  const cluster = await TestCluster.start(nodes, {
    ...service,
    BOOTH_INTERPRETATION_ON_DEMAND: 'true',
    BOOTH_INTERPRETER_PLACEMENT: placement,
    BOOTH_LIVETRANSLATE_CONNECTIONS_PER_MINUTE: '100',
    BOOTH_LIVETRANSLATE_TOKENS_PER_MINUTE: '10000000',
    BOOTH_BUDGET_DAILY_TOKENS: '0',
  });
  if (placement === 'workers')
    startBooth(['worker'], {
      environment: {
        ...service,
        BOOTH_REDIS_URL: cluster.redis.url,
        BOOTH_INTERPRETER_THREADS: '1',
        BOOTH_WORKER_MAX_CPU: '1',
      },
    });
  const talker = await Talker.enter(cluster.url);
  let interpreters = 0;
  const reader = new LastingParticipant({
    url: cluster.url,
    token: tokenOf(person('ben', { name: 'Ben' })),
    preferences: { reads: ['es'] },
    changed: (room) => {
      interpreters = [...room.participants.values()].filter(({ dataProducers }) => dataProducers.length > 0).length;
    },
  });
  onTestFinished(() => reader.leave());
  await until(() => interpreters === 1);
  return { cluster, talker };
}

/** When what was translated was said, the earliest first. */
export async function transcribed(cluster: TestCluster): Promise<Span[]> {
  const answer = await fetch(`${cluster.url}/v1/rooms/demo/transcript?language=es`, {
    headers: { Authorization: `Bearer ${tokenOf(person('root', { grants: ['admin'] }))}` },
  });
  if (!answer.ok) return [];
  const { entries } = Transcript.parse(await answer.json());
  return entries.map(({ start, end = start, said }) => said ?? { start, end }).sort((a, b) => a.start - b.start);
}

/** Nothing was translated twice, and the last sentence was translated. @returns those that were not, from beginning to end */
export async function lostOf(cluster: TestCluster, talker: Talker, said: number): Promise<number[]> {
  const isWritten = async () => sentencesIn(await transcribed(cluster), talker).size >= said;
  await vi.waitUntil(isWritten, { timeout: 30_000, interval: 500 }).catch(() => {});
  const spans = await transcribed(cluster);
  const sentences = sentencesIn(spans, talker);
  const lost = Array.from({ length: said }, (_, sentence) => sentence).filter((sentence) => !sentences.has(sentence));
  expect({ last: lost.includes(said - 1), twice: twiceIn(spans) }, JSON.stringify(spans)).toEqual({
    last: false,
    twice: [],
  });
  return lost;
}

/** What begins before the one before it ends. */
export const twiceIn = (spans: readonly Span[]): Span[] =>
  spans.filter(({ start }, index) => (spans[index - 1]?.end ?? 0) - start > TOLERANCE_MS);

/** The sentences that are there from beginning to end; the first began with the first that was translated. */
function sentencesIn(spans: readonly Span[], { sentenceMs }: Talker): Set<number> {
  const found = new Map<number, Span>();
  const [first] = spans;
  for (const { start, end } of spans) {
    const sentence = Math.round((start - (first?.start ?? 0) - sentenceMs / 4) / SENTENCE_EVERY_MS);
    const known = found.get(sentence) ?? { start, end };
    found.set(sentence, { start: Math.min(known.start, start), end: Math.max(known.end, end) });
  }
  const isWhole = ({ start, end }: Span) => end - start > sentenceMs - 2 * TOLERANCE_MS;
  return new Set([...found].filter(([, span]) => isWhole(span)).map(([sentence]) => sentence));
}
