/** Speech as a translation session takes it: 16 kHz mono in chunks of 100 ms, from a file or a pipe. */
import type { Readable } from 'node:stream';
import { SPEECH_SAMPLE_RATE } from '../audio/sample-rates.ts';
import { probe } from '../recordings/probe.ts';
import { speechOf } from '../recordings/speech-of.ts';
import type { Clock } from '../time/clock.ts';
import { CommandError } from './errors.ts';

const CHUNK_SAMPLES = SPEECH_SAMPLE_RATE / 10;

/** Reads a short recording that is read without FFmpeg, resampled to `rate`. @throws {RecordingError} that names the file */
export async function readSpeech(path: string, rate = SPEECH_SAMPLE_RATE): Promise<Int16Array> {
  const chunks: Int16Array[] = [];
  for await (const chunk of speechOf(await probe(path, { ffmpeg: undefined }), rate)) chunks.push(chunk);
  const samples = new Int16Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    samples.set(chunk, at);
    at += chunk.length;
  }
  return samples;
}

export function* chunksOf(samples: Int16Array): Generator<Int16Array> {
  for (let at = 0; at < samples.length; at += CHUNK_SAMPLES) yield samples.subarray(at, at + CHUNK_SAMPLES);
}

/** Reads raw 16 kHz mono 16-bit PCM. @throws {CommandError} where a WAV file comes instead */
export async function* readPcm(stream: Readable): AsyncGenerator<Int16Array> {
  const chunkBytes = CHUNK_SAMPLES * 2;
  let rest: Buffer = Buffer.alloc(0);
  let first = true;
  for await (const part of stream as AsyncIterable<Buffer>) {
    if (first && part.subarray(0, 4).toString('latin1') === 'RIFF') {
      throw new CommandError(
        'a WAV file came on stdin, where raw 16 kHz mono 16-bit PCM is read: name the file instead',
      );
    }
    first = false;
    rest = Buffer.concat([rest, part]);
    for (; rest.length >= chunkBytes; rest = rest.subarray(chunkBytes)) yield toSamples(rest.subarray(0, chunkBytes));
  }
  if (rest.length >= 2) yield toSamples(rest);
}

const toSamples = (bytes: Buffer): Int16Array =>
  Int16Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readInt16LE(i * 2));

/**
 * Yields each chunk no sooner than a speaker would have finished it; a chunk that comes late is not delayed further.
 *
 * @param pace how much faster than real time; default 1
 */
export async function* inRealTime(
  source: Iterable<Int16Array> | AsyncIterable<Int16Array>,
  clock: Clock,
  pace = 1,
): AsyncGenerator<Int16Array> {
  const startMs = clock.now();
  let endMs = 0;
  for await (const chunk of source) {
    endMs += (chunk.length / SPEECH_SAMPLE_RATE) * 1000;
    const waitMs = startMs + endMs / pace - clock.now();
    if (waitMs > 0) await new Promise<void>((resolve) => clock.after(waitMs, resolve));
    yield chunk;
  }
}
