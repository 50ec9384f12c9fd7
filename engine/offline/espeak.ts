/**
 * espeak-ng, a process for each sentence: text in by its standard input (never an argument), a WAV out as it is made,
 * passed on at 24 kHz. A sentence takes at most 10 s to say and 60 s to play.
 */
import { spawn } from 'node:child_process';
import { Resampler } from '../../audio/resample.ts';
import type { Clock } from '../clock.ts';
import { StageError, type Voice } from './stages.ts';

const SAMPLE_RATE = 24_000;
const SAID_WITHIN_MS = 10_000;
const MAX_SECONDS = 60;
const MAX_SENTENCE_CHARACTERS = 4000;
const WAV_HEADER_BYTES = 44;

export interface EspeakOptions {
  command: string;
  env: Readonly<Record<string, string>>;
  /** espeak-ng's name of the voice: `es`. */
  voice: string;
  clock: Clock;
}

export class Espeak implements Voice {
  readonly #options: EspeakOptions;

  constructor(options: EspeakOptions) {
    this.#options = options;
  }

  async say(sentence: string, speak: (samples: Int16Array) => void, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { command, env, voice, clock } = this.#options;
    const cancelled = new AbortController();
    const cancelDeadline = clock.after(SAID_WITHIN_MS, () => cancelled.abort());
    // -z: no pause after the last sentence.
    const speaker = spawn(command, ['-v', voice, '-z', '--stdin', '--stdout'], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
      signal: AbortSignal.any([signal, cancelled.signal]),
      killSignal: 'SIGKILL',
    });
    const ended = new Promise<void>((resolve, reject) => {
      speaker.on('error', reject);
      speaker.on('close', (code, by) => (code === 0 ? resolve() : reject(new Error(`it ended with ${by ?? code}`))));
    });
    // A failed write is followed by the process's end.
    speaker.stdin.on('error', () => {});
    speaker.stdin.end(`${speakable(sentence)}\n`);
    try {
      await Promise.all([ended, play(speaker.stdout, speak)]);
    } catch (error) {
      signal.throwIfAborted();
      speaker.kill('SIGKILL');
      throw failure(cancelled.signal.aborted ? 'took too long' : `failed: ${(error as Error).message}`, error);
    } finally {
      cancelDeadline();
    }
  }
}

const failure = (how: string, cause: unknown): StageError =>
  new StageError('voice', `The voice (espeak-ng) ${how}.`, { cause });

/** Without `[[`, which begins phonemes. */
const speakable = (sentence: string): string => sentence.slice(0, MAX_SENTENCE_CHARACTERS).replace(/[[\]<>\0\n]/g, ' ');

/** Reads a WAV whose header does not know its length. */
async function play(wav: AsyncIterable<Buffer>, speak: (samples: Int16Array) => void): Promise<void> {
  let resampler: Resampler | undefined;
  let unread: Buffer = Buffer.alloc(0);
  let spoken = 0;
  try {
    for await (const bytes of wav) {
      unread = Buffer.concat([unread, bytes]);
      if (!resampler) {
        if (unread.length < WAV_HEADER_BYTES) continue;
        resampler = await Resampler.create(unread.readUInt32LE(24), SAMPLE_RATE);
        unread = unread.subarray(WAV_HEADER_BYTES);
      }
      const whole = unread.length - (unread.length % 2);
      const samples = resampler.chunk(new Int16Array(new Uint8Array(unread.subarray(0, whole)).buffer));
      unread = unread.subarray(whole);
      spoken += samples.length;
      if (spoken > MAX_SECONDS * SAMPLE_RATE) throw new Error('it does not come to an end');
      if (samples.length > 0) speak(samples);
    }
  } finally {
    resampler?.close();
  }
}
