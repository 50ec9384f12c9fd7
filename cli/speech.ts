/** Speech as it is translated: 16 kHz mono, in pieces of 100 ms, from a file or as it comes from a pipe. */
import type { Readable } from 'node:stream';
import { resample } from '../audio/resample.ts';
import { parseWav, WavError } from '../audio/wav.ts';
import type { Clock } from '../time/clock.ts';
import { CommandError } from './errors.ts';
import { readInput } from './files.ts';

export const SPEECH_RATE = 16_000;
const PIECE_SAMPLES = SPEECH_RATE / 10;

/** A whole WAV file, at `rate`. @throws {CommandError} that names it */
export async function readSpeech(path: string, rate = SPEECH_RATE): Promise<Int16Array> {
  const bytes = await readInput(path);
  try {
    const { samples, sampleRate } = parseWav(bytes);
    return await resample(samples, sampleRate, rate);
  } catch (error) {
    if (error instanceof WavError) throw new CommandError(`${path}: ${error.message}`);
    throw error;
  }
}

export function* pieces(samples: Int16Array): Generator<Int16Array> {
  for (let at = 0; at < samples.length; at += PIECE_SAMPLES) yield samples.subarray(at, at + PIECE_SAMPLES);
}

/** Raw 16-bit PCM. @throws {CommandError} where it is none */
export async function* piecesFrom(stream: Readable): AsyncGenerator<Int16Array> {
  const pieceBytes = PIECE_SAMPLES * 2;
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
    for (; rest.length >= pieceBytes; rest = rest.subarray(pieceBytes)) yield toSamples(rest.subarray(0, pieceBytes));
  }
  if (rest.length >= 2) yield toSamples(rest);
}

const toSamples = (bytes: Buffer): Int16Array =>
  Int16Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readInt16LE(i * 2));

/** Lets each piece out when it would have been said, and no sooner; what comes late is not held up further. */
export async function* inRealTime(
  source: Iterable<Int16Array> | AsyncIterable<Int16Array>,
  clock: Clock,
): AsyncGenerator<Int16Array> {
  const startMs = clock.now();
  let saidMs = 0;
  for await (const piece of source) {
    saidMs += (piece.length / SPEECH_RATE) * 1000;
    const waitMs = startMs + saidMs - clock.now();
    if (waitMs > 0) await new Promise<void>((resolve) => clock.after(waitMs, resolve));
    yield piece;
  }
}
