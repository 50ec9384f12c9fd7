/** Measures the offline engine on recorded human sentences: its real-time factor, latency and word error rate. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startOfflineEngine } from '../engine/offline/engine.ts';
import { engineParts, speechDir } from '../scripts/places.mjs';
import { type Bench, percentile } from './bench.ts';
import { ENGINE_KEY, EngineClient } from './support/engine-client.ts';
import { update } from './support/scripted-backend.ts';
import { silentLog } from './support/silent-log.ts';
import { humanSpeech } from './support/speech.ts';
import { wordErrors } from './support/wer.ts';

const RATE = 16_000;
const CHUNK_MS = 100;
/** The sentences are divided among the repetitions. */
const REPETITIONS = 3;
/** Sentences per repetition that are sent in real time; the others are sent as fast as they are recognised. */
const IN_REAL_TIME = 12 / REPETITIONS;
/** The longest speech per session: the engine keeps at most 30 s that wait. */
const SESSION_MS = 25_000;
/** Shorter sentences may be taken for noise and not be translated. */
const FEWEST_WORDS = 6;

export const engineBench: Bench = {
  key: 'engine',
  about: 'the offline engine on recorded sentences',
  repetitions: REPETITIONS,
  async run(repetition) {
    const running = await startOfflineEngine({
      host: '127.0.0.1',
      port: 0,
      key: ENGINE_KEY,
      components: engineParts(process.env),
      log: silentLog,
    });
    try {
      const transcripts = Object.entries(readTranscripts()).filter((_, i) => i % REPETITIONS === repetition);
      // The first session also loads the models, which is not measured.
      await understood(running.url, [humanSpeech(transcripts[0]?.[0] ?? '').samples]);
      const total = { errors: 0, words: 0, speechMs: 0, ms: 0 };
      for (const { said, recordings } of sessions(transcripts)) {
        const startedMs = performance.now();
        const client = await understood(running.url, recordings);
        total.ms += performance.now() - startedMs;
        total.speechMs += durationMs(recordings);
        const { errors, words } = wordErrors(said, client.transcript);
        total.errors += errors;
        total.words += words;
      }
      const latencies: number[] = [];
      const sentences = transcripts.filter(([, said]) => said.split(' ').length >= FEWEST_WORDS);
      for (const [name] of sentences.slice(0, IN_REAL_TIME)) latencies.push(await latency(running.url, name));
      return {
        rtf: total.ms / total.speechMs,
        wer: total.errors / total.words,
        'latency.p50': percentile(latencies, 0.5),
        'latency.p95': percentile(latencies, 0.95),
      };
    } finally {
      await running.close();
    }
  },
};

/** @returns a session that has recognised all recordings, sent as fast as possible */
async function understood(url: string, recordings: readonly Int16Array[]): Promise<EngineClient> {
  const client = (await new EngineClient(url).opened()).says(update());
  for (const samples of recordings) client.speaks(samples);
  await client.finished();
  return client;
}

interface Session {
  said: string;
  recordings: Int16Array[];
}

/** Groups the recordings, in order, into sessions of at most `SESSION_MS`. */
function sessions(transcripts: readonly [name: string, said: string][]): Session[] {
  const all: Session[] = [];
  for (const [name, said] of transcripts) {
    const { samples } = humanSpeech(name);
    const last = all.at(-1);
    if (last && durationMs([...last.recordings, samples]) <= SESSION_MS) {
      last.said += ` ${said}`;
      last.recordings.push(samples);
    } else all.push({ said, recordings: [samples] });
  }
  return all;
}

const durationMs = (recordings: readonly Int16Array[]): number =>
  recordings.reduce((ms, { length }) => ms + (length / RATE) * 1000, 0);

/** Milliseconds from the end of the last word to the first audio of its translation. */
async function latency(url: string, name: string): Promise<number> {
  const speech = withoutEnd(humanSpeech(name).samples);
  const client = (await new EngineClient(url).opened()).says(update());
  const startedMs = performance.now();
  for (let at = 0, sentMs = 0; client.of('response.audio.delta').length === 0; at += (RATE * CHUNK_MS) / 1000) {
    const chunk = new Int16Array((RATE * CHUNK_MS) / 1000);
    chunk.set(speech.subarray(at, at + chunk.length));
    client.speaks(chunk);
    sentMs += CHUNK_MS;
    if (sentMs > 30_000) throw new Error(`${name}: no translation in 30 s`);
    await delay(Math.max(0, startedMs + sentMs - performance.now()));
  }
  const ms = performance.now() - startedMs - (speech.length / RATE) * 1000;
  client.close();
  return ms;
}

/** Removes the silence at the end of a recording. */
function withoutEnd(samples: Int16Array): Int16Array {
  const last = samples.findLastIndex((sample) => Math.abs(sample) > 600);
  return samples.subarray(0, last + 1);
}

function readTranscripts(): Record<string, string> {
  const transcripts: Record<string, string> = JSON.parse(
    readFileSync(join(speechDir(process.env), 'transcript.json'), 'utf8'),
  );
  return transcripts;
}
