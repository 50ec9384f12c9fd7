/** Speech as a translation session takes it: 16 kHz mono in chunks of 100 ms, from a file or a pipe. */
import type { Readable } from 'node:stream';
import { SPEECH_SAMPLE_RATE } from '../audio/sample-rates.ts';
import { mediaFormatOf, SIGNATURE_BYTES } from '../recordings/media-signature.ts';
import { type MediaFile, probe } from '../recordings/probe.ts';
import { type Damage, speechOf } from '../recordings/speech-of.ts';
import type { Clock } from '../time/clock.ts';
import { CommandError } from './errors.ts';
import { clockTime } from './progress.ts';

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

/** The line that tells a person of a recording that could not be read to its end. */
export function damageNotice({ path, durationSeconds }: MediaFile, { readSeconds }: Damage): string {
  const whole = durationSeconds === undefined ? '' : ` of ${clockTime(durationSeconds)}`;
  return `${path}: could be read to ${clockTime(readSeconds)}${whole}; what follows is damaged`;
}

export function* chunksOf(samples: Int16Array): Generator<Int16Array> {
  for (let at = 0; at < samples.length; at += CHUNK_SAMPLES) yield samples.subarray(at, at + CHUNK_SAMPLES);
}

/**
 * Reads raw 16 kHz mono 16-bit PCM. The first quarter of a second comes when it is complete, as media would show by then.
 *
 * @throws {CommandError} where media come instead
 */
export async function* readPcm(stream: Readable): AsyncGenerator<Int16Array> {
  const chunkBytes = CHUNK_SAMPLES * 2;
  let rest: Buffer = Buffer.alloc(0);
  let isChecked = false;
  for await (const part of stream as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, part]);
    if (!isChecked && rest.length < SIGNATURE_BYTES) continue;
    if (!isChecked) refuseMedia(rest);
    isChecked = true;
    for (; rest.length >= chunkBytes; rest = rest.subarray(chunkBytes)) yield toSamples(rest.subarray(0, chunkBytes));
  }
  if (!isChecked) refuseMedia(rest);
  for (; rest.length >= 2; rest = rest.subarray(chunkBytes)) yield toSamples(rest.subarray(0, chunkBytes));
}

function refuseMedia(beginning: Buffer): void {
  const format = mediaFormatOf(beginning);
  if (format === undefined) return;
  throw new CommandError(
    `stdin: ${format} came, where raw 16 kHz mono 16-bit PCM is read: name the file instead of "-", or convert it: ffmpeg -i FILE -f s16le -ac 1 -ar 16000 - | booth translate - …`,
  );
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
