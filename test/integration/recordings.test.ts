/**
 * Recordings of every format, through the reading that `booth translate` and `booth speak` share, into the offline engine: what is
 * understood of them is what is understood of the WAV file they were made of.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { offline } from '@mediasoup-booth/offline-engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOpusDecoder } from '../../audio/opus-codec.ts';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { silentLog } from '../../bench/support/silent-log.ts';
import { wordErrors } from '../../bench/support/wer.ts';
import { openLiveTranslate } from '../../bot/session/livetranslate/connect.ts';
import { RecordingPublisher } from '../../cli/recording-publisher.ts';
import { inRealTime } from '../../cli/speech.ts';
import { probe } from '../../recordings/probe.ts';
import { speechOf } from '../../recordings/speech-of.ts';
import { cacheDir, speechDir } from '../../scripts/places.mjs';
import { systemClock } from '../../time/clock.ts';
import { recorder } from '../support/livetranslate.ts';
import { ffmpegPrograms, formatCases, prompt } from '../support/recordings.ts';

const SENTENCE = 'pls-hold-while-try';
const said = (
  JSON.parse(readFileSync(join(speechDir(process.env), 'transcript.json'), 'utf8')) as Record<string, string>
)[SENTENCE] as string;
const POINTS = 0.02;

let engine: Awaited<ReturnType<typeof offline>>;
beforeAll(async () => {
  engine = await offline({ cacheDir: cacheDir(process.env), log: silentLog, setUp: false });
});
afterAll(() => engine.close());

/** The word error rate of what the engine understands. */
async function errorRate(speech: AsyncIterable<Int16Array>): Promise<number> {
  const { events, recorded } = recorder();
  const { url, model, key } = engine;
  const openSession = openLiveTranslate({ url, model, key, clock: systemClock, log: silentLog });
  const session = openSession({ source: 'en', target: 'en', audio: false }, events);
  for await (const chunk of inRealTime(speech, systemClock, PACE)) session.send(chunk);
  session.send(new Int16Array(SPEECH_SAMPLE_RATE));
  await session.finish();
  const heard = recorded.flatMap((entry) => (entry[0] === 'source' && entry[1].final ? [entry[1].confirmed] : []));
  const { errors, words } = wordErrors(said, heard.join(' '));
  return errors / words;
}

/** What a room hears of a recording that is spoken in it. */
async function* spoken(recording: AsyncIterable<Int16Array>): AsyncGenerator<Int16Array> {
  const decoder = await createOpusDecoder();
  const heard: Int16Array[] = [];
  const write = (packet: Uint8Array) => void heard.push(decoder.decode(packet));
  const publisher = await RecordingPublisher.create({ write, close() {} });
  await publisher.play(recording);
  publisher.close();
  decoder.close();
  yield* heard;
}

/** As fast as the engine takes it. */
const PACE = 4;
const AT_ONCE = 8;

/** How alike two sounds are, from 0 to 1, at the best of the shifts by which decoders differ. */
function likeness(a: Int16Array, b: Int16Array): number {
  const at = (shift: number) => {
    let [both, ofA, ofB] = [0, 0, 0];
    for (let i = Math.max(0, -shift); i < a.length && i + shift < b.length; i++) {
      const [x, y] = [a[i] ?? 0, b[i + shift] ?? 0];
      both += x * y;
      ofA += x * x;
      ofB += y * y;
    }
    return both / Math.sqrt(ofA * ofB || 1);
  };
  return Math.max(...Array.from({ length: 801 }, (_, i) => at(i - 400)));
}

async function samplesOf(speech: AsyncIterable<Int16Array>): Promise<Int16Array> {
  const all: number[] = [];
  for await (const chunk of speech) all.push(...chunk);
  return Int16Array.from(all);
}

describe('a recording of any format', () => {
  let folder = '';
  const wav = prompt(SENTENCE);
  const read = async (file: string, ffmpeg: typeof ffmpegPrograms | undefined, rate = SPEECH_SAMPLE_RATE) =>
    speechOf(await probe(isAbsolute(file) ? file : join(folder, file), { ffmpeg }), rate);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'booth-test-'));
    for (const { file, make } of formatCases) make(wav, join(folder, file));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is understood as the WAV file is, translated and spoken', async () => {
    const reference = await errorRate(speechOf(await probe(wav, { ffmpeg: undefined }), SPEECH_SAMPLE_RATE));
    expect(reference).toBeLessThan(0.1);
    const rates: Record<string, number> = {};
    const measures = formatCases.flatMap(({ file }) => [
      async () => {
        rates[`${file} translated`] = await errorRate(await read(file, ffmpegPrograms));
      },
      async () => {
        rates[`${file} spoken`] = await errorRate(spoken(await read(file, ffmpegPrograms, VOICE_SAMPLE_RATE)));
      },
    ]);
    const next = async () => {
      for (let measure = measures.shift(); measure; measure = measures.shift()) await measure();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
    expect(Object.keys(rates)).toHaveLength(2 * formatCases.length);
    expect(Object.entries(rates).filter(([, rate]) => rate > reference + POINTS)).toEqual([]);
  });

  it.each(formatCases.filter(({ own }) => own))('sounds the same without FFmpeg: $file', async ({ file }) => {
    const original = await samplesOf(await read(wav, undefined));
    expect(likeness(original, await samplesOf(await read(file, undefined)))).toBeGreaterThan(0.95);
  });
});
