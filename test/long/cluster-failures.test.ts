/** Servers side by side under talk: deployed one after the other, and without Redis for a minute. None is said twice. */
import { Transcript } from '@mediasoup-booth/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createOpusEncoder, OPUS_FRAME_SAMPLES } from '../../audio/opus-codec.ts';
import { resample } from '../../audio/resample.ts';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import { OpusSender } from '../../bot/playout/opus-sender.ts';
import type { RoomConnection } from '../../bot/room/room-connection.ts';
import { systemClock } from '../../time/clock.ts';
import { TestCluster } from '../support/cluster.ts';
import { LastingParticipant } from '../support/lasting-participant.ts';
import { person, tokenOf } from '../support/server.ts';
import { SimulatedVendor } from '../support/simulated-vendor.ts';
import { until } from '../support/until.ts';

const FRAME_MS = 20;
const SENTENCE_EVERY_MS = 10_000;
const FIRST_MS = 1000;
/** How far a detector's beginnings and ends of speech may be from one another. */
const TOLERANCE_MS = 700;
const OPEN_WITHIN = 'cannot be opened at this moment';

interface Span {
  start: number;
  end: number;
}

/** Somebody who says a sentence every ten seconds, whether or not they are connected. */
class Talker {
  #startedMs: number | undefined;
  #stopped = false;
  #position = 0;
  #sender: OpusSender | undefined;
  #wasAway = true;
  readonly #sentence: Int16Array;

  constructor(url: string, sentence: Int16Array) {
    this.#sentence = sentence;
    let joined: RoomConnection | undefined;
    const participant = new LastingParticipant({
      url,
      token: tokenOf(person('ana', { name: 'Ana' })),
      preferences: { speaks: 'en' },
      changed: (room) => {
        if (room === joined) return;
        joined = room;
        void this.#speakIn(room);
      },
    });
    onTestFinished(() => {
      participant.leave();
      this.#sender?.close();
    });
  }

  /** Begins with the first sentence. */
  start(): void {
    this.#startedMs = performance.now();
    this.#position = 0;
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
    if (this.#startedMs === undefined) return 0;
    const sinceMs = performance.now() - this.#startedMs - FIRST_MS - this.sentenceMs;
    return sinceMs < 0 ? 0 : Math.floor(sinceMs / SENTENCE_EVERY_MS) + 1;
  }

  async #speakIn(room: RoomConnection): Promise<void> {
    const output = await room.publishMicrophone();
    const encoder = await createOpusEncoder();
    this.#wasAway = true;
    this.#sender?.close();
    this.#sender = new OpusSender(encoder, output, systemClock, () => this.#nextFrame());
    this.#sender.wake();
  }

  #nextFrame(): Int16Array {
    const frame = new Int16Array(OPUS_FRAME_SAMPLES);
    if (this.#startedMs === undefined || this.#stopped) return frame;
    // What would have been said meanwhile was not heard.
    if (this.#wasAway) this.#position = Math.floor((performance.now() - this.#startedMs) / FRAME_MS);
    this.#wasAway = false;
    const atMs = this.#position++ * FRAME_MS - FIRST_MS;
    const sentence = Math.floor(atMs / SENTENCE_EVERY_MS);
    if (sentence < 0) return frame;
    const from = ((atMs - sentence * SENTENCE_EVERY_MS) * VOICE_SAMPLE_RATE) / 1000;
    frame.set(this.#sentence.subarray(from, from + OPUS_FRAME_SAMPLES));
    return frame;
  }
}

async function interpretedCluster(nodes: number): Promise<{ cluster: TestCluster; talker: Talker }> {
  const vendor = await SimulatedVendor.start();
  const cluster = await TestCluster.start(nodes, {
    BOOTH_LIVETRANSLATE_URL: vendor.url,
    BOOTH_INTERPRETATION_ON_DEMAND: 'true',
    BOOTH_LIVETRANSLATE_CONNECTIONS_PER_MINUTE: '100',
    BOOTH_LIVETRANSLATE_TOKENS_PER_MINUTE: '10000000',
    BOOTH_BUDGET_DAILY_TOKENS: '0',
    DASHSCOPE_API_KEY: 'sk-any',
  });
  const { samples, sampleRate } = humanSpeech('conf-waitforleader');
  const talker = new Talker(cluster.url, await resample(samples, sampleRate, VOICE_SAMPLE_RATE));
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
  talker.start();
  return { cluster, talker };
}

/** When what was translated was said, the earliest first. */
async function transcribed(cluster: TestCluster): Promise<Span[]> {
  const answer = await fetch(`${cluster.url}/v1/rooms/demo/transcript?language=es`, {
    headers: { Authorization: `Bearer ${tokenOf(person('root', { grants: ['admin'] }))}` },
  });
  if (!answer.ok) return [];
  const { entries } = Transcript.parse(await answer.json());
  return entries.map(({ start, end = start, said }) => said ?? { start, end }).sort((a, b) => a.start - b.start);
}

/** Nothing was translated twice, and the last sentence was translated. @returns those that were not, from beginning to end */
async function lostOf(cluster: TestCluster, talker: Talker, said: number): Promise<number[]> {
  const isWritten = async () => sentencesIn(await transcribed(cluster), talker).size >= said;
  await vi.waitUntil(isWritten, { timeout: 30_000, interval: 500 }).catch(() => {});
  const spans = await transcribed(cluster);
  const sentences = sentencesIn(spans, talker);
  const lost = Array.from({ length: said }, (_, sentence) => sentence).filter((sentence) => !sentences.has(sentence));
  const twice = spans.filter(({ start }, index) => (spans[index - 1]?.end ?? 0) - start > TOLERANCE_MS);
  expect({ last: lost.includes(said - 1), twice }, JSON.stringify(spans)).toEqual({ last: false, twice: [] });
  return lost;
}

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

describe('servers side by side under talk', () => {
  it('lose at most the sentence that begins while a room moves, when three are deployed one after the other', async () => {
    const { cluster, talker } = await interpretedCluster(3);
    for (const node of cluster.nodes) {
      const said = talker.said;
      await until(() => talker.said > said);
      expect(await node.stop()).toBe(0);
      await node.start();
      await expect.poll(async () => (await node.readiness()).status).toBe(200);
    }
    const lost = await lostOf(cluster, talker, await talker.stop());
    expect(lost.length).toBeLessThanOrEqual(cluster.nodes.length);
  });

  it('go on for a minute without Redis, open nothing, and are back by themselves', async () => {
    const { cluster, talker } = await interpretedCluster(2);
    await until(() => talker.said >= 2);
    await cluster.redis.kill();
    const before = talker.said;
    await until(() => talker.said >= before + 8, 180_000);
    const token = tokenOf(person('cas', { room: 'other', grants: ['admin'] }));
    const refused = await fetch(`${cluster.url}/v1/rooms`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'other' }),
    });
    expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining(OPEN_WITHIN)]);
    await cluster.redis.run();
    for (const node of cluster.nodes) await expect.poll(async () => (await node.readiness()).reasons).toEqual([]);
    expect(await lostOf(cluster, talker, await talker.stop())).toEqual([]);
  });
});
