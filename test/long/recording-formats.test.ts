/**
 * Recordings of every format, through the reading that `booth translate` and `booth speak` share, into the offline engine's recogniser: what is
 * understood of them is what is understood of the WAV file they were made of.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOpusDecoder } from '../../audio/opus-codec.ts';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { wordErrors } from '../../bench/support/wer.ts';
import { RecordingPublisher } from '../../cli/recording-publisher.ts';
import type { Recognizer } from '../../engine/offline/stages.ts';
import { loadVosk } from '../../engine/offline/vosk.ts';
import { probe } from '../../recordings/probe.ts';
import { speechOf } from '../../recordings/speech-of.ts';
import { engineParts, speechDir } from '../../scripts/places.mjs';
import { ffmpegPrograms, formatCases, prompt } from '../support/recordings.ts';

const SENTENCE = 'pls-hold-while-try';
const said = (
  JSON.parse(readFileSync(join(speechDir(process.env), 'transcript.json'), 'utf8')) as Record<string, string>
)[SENTENCE] as string;
const POINTS = 0.02;
/** What is read is the same for a room: of each way of reading, one. */
const SPOKEN = ['u8.wav', 'speech.mp3', 'speech.opus', 'stereo-24.flac', 'talk.mp4'];

let recognizer: Recognizer;
beforeAll(async () => {
  const { voskLibrary, voskModel } = engineParts(process.env);
  recognizer = await loadVosk(voskLibrary, voskModel);
});
afterAll(() => recognizer.close());

/** The word error rate of what the engine's recogniser understands. */
async function errorRate(samples: Int16Array): Promise<number> {
  const recognition = await recognizer.open();
  const heard: string[] = [];
  // In pieces, as an utterance may end within the recording.
  for (let at = 0; at < samples.length; at += SPEECH_SAMPLE_RATE / 2) {
    const result = await recognition.push(samples.subarray(at, at + SPEECH_SAMPLE_RATE / 2));
    if (result.ended) heard.push(...result.words);
  }
  heard.push(...(await recognition.finish()).words);
  recognition.close();
  const { errors, words } = wordErrors(said, heard.join(' '));
  return errors / words;
}

/** What a room hears of a recording that is spoken in it. */
async function spoken(recording: Int16Array): Promise<Int16Array> {
  const decoder = await createOpusDecoder();
  const heard: Int16Array[] = [];
  const write = (packet: Uint8Array) => void heard.push(decoder.decode(packet).slice());
  const publisher = await RecordingPublisher.create({ write });
  await publisher.play(recording);
  publisher.close();
  decoder.close();
  return joined(heard);
}

const joined = (parts: readonly Int16Array[]): Int16Array => {
  const samples = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return samples;
};

const MOST_SHIFT = 400;
const STRETCH = SPEECH_SAMPLE_RATE / 2;

/** How alike two sounds are, from 0 to 1, at the shift by which their decoders differ: the best one for half a second from their middle. */
function likeness(a: Int16Array, b: Int16Array): number {
  const at = (shift: number, from: number, to: number) => {
    let [both, ofA, ofB] = [0, 0, 0];
    for (let i = Math.max(from, -shift); i < Math.min(to, a.length, b.length - shift); i++) {
      const [x, y] = [a[i] ?? 0, b[i + shift] ?? 0];
      both += x * y;
      ofA += x * x;
      ofB += y * y;
    }
    return both / Math.sqrt(ofA * ofB || 1);
  };
  const middle = a.length >> 1;
  const shifts = Array.from({ length: 2 * MOST_SHIFT + 1 }, (_, i) => i - MOST_SHIFT);
  const likenesses = shifts.map((shift) => at(shift, middle, middle + STRETCH));
  return at(shifts[likenesses.indexOf(Math.max(...likenesses))] ?? 0, 0, a.length);
}

async function samplesOf(speech: AsyncIterable<Int16Array>): Promise<Int16Array> {
  const parts: Int16Array[] = [];
  for await (const part of speech) parts.push(part);
  return joined(parts);
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
    const reference = await errorRate(await samplesOf(await read(wav, undefined)));
    expect(reference).toBeLessThan(0.1);
    const rates: [string, number][] = [];
    for (const { file } of formatCases)
      rates.push([`${file} translated`, await errorRate(await samplesOf(await read(file, ffmpegPrograms)))]);
    // At the same time, as speaking takes as long as the speech.
    const heard = await Promise.all(
      SPOKEN.map(async (file) => spoken(await samplesOf(await read(file, ffmpegPrograms, VOICE_SAMPLE_RATE)))),
    );
    for (const [i, samples] of heard.entries()) rates.push([`${SPOKEN[i]} spoken`, await errorRate(samples)]);
    expect(rates.filter(([, rate]) => rate > reference + POINTS)).toEqual([]);
  });

  it.each(formatCases.filter(({ own }) => own))('sounds the same without FFmpeg: $file', async ({ file }) => {
    const original = await samplesOf(await read(wav, undefined));
    expect(likeness(original, await samplesOf(await read(file, undefined)))).toBeGreaterThan(0.95);
  });
});
