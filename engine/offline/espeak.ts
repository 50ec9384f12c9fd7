/**
 * Speech synthesis with espeak-ng, one process for each sentence: text goes in by standard input (never as an argument), a WAV comes out
 * while it is made and is passed on at 24 kHz. One process is started in advance for the next sentence, because starting one from a
 * program as large as this takes longer than speaking. A sentence takes at most 10 s to synthesise and lasts at most 60 s.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { Resampler } from '../../audio/resample.ts';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import type { Clock } from '../../time/clock.ts';
import { type SpeechSynthesizer, StageError } from './stages.ts';

const SYNTHESIZED_WITHIN_MS = 10_000;
const MAX_SECONDS = 60;
const MAX_SENTENCE_CHARACTERS = 4000;
const WAV_HEADER_BYTES = 44;
/** How much is resampled at once: little enough for the first samples to be passed on before the rest is made. */
const PIECE_BYTES = 4410;

export interface EspeakOptions {
  command: string;
  env: Readonly<Record<string, string>>;
  /** espeak-ng's name of the voice: `es`. */
  voice: string;
  clock: Clock;
}

interface EspeakProcess {
  process: ChildProcessByStdio<Writable, Readable, null>;
  /** Rejects if the process failed. */
  ended: Promise<void>;
  alive: boolean;
}

export class Espeak implements SpeechSynthesizer {
  readonly #options: EspeakOptions;
  #ready: EspeakProcess | undefined;
  #closed = false;

  constructor(options: EspeakOptions) {
    this.#options = options;
  }

  async synthesize(sentence: string, speak: (samples: Int16Array) => void, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const espeak = this.#take();
    let late = false;
    const kill = (): void => void espeak.process.kill('SIGKILL');
    const cancelDeadline = this.#options.clock.after(SYNTHESIZED_WITHIN_MS, () => {
      late = true;
      kill();
    });
    signal.addEventListener('abort', kill, { once: true });
    espeak.process.stdin.end(`${speakable(sentence)}\n`);
    try {
      await Promise.all([espeak.ended, readWav(espeak.process.stdout, speak)]);
    } catch (error) {
      signal.throwIfAborted();
      throw failure(late ? 'took too long' : `failed: ${(error as Error).message}`, error);
    } finally {
      cancelDeadline();
      signal.removeEventListener('abort', kill);
      kill();
      this.#prepare();
    }
  }

  close(): void {
    this.#closed = true;
    this.#ready?.process.kill('SIGKILL');
  }

  #take(): EspeakProcess {
    const ready = this.#ready;
    this.#ready = undefined;
    return ready?.alive ? ready : this.#start();
  }

  #prepare(): void {
    if (!this.#ready?.alive && !this.#closed) this.#ready = this.#start();
  }

  #start(): EspeakProcess {
    const { command, env, voice } = this.#options;
    // -z: no pause after the last sentence.
    const process = spawn(command, ['-v', voice, '-z', '--stdin', '--stdout'], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const espeak: EspeakProcess = { process, ended: endOf(process), alive: true };
    // `synthesize` handles the failure of the process that it uses; one that only waits is replaced.
    espeak.ended
      .catch(() => {})
      .finally(() => {
        espeak.alive = false;
      });
    // A failed write is followed by the end of the process.
    process.stdin.on('error', () => {});
    return espeak;
  }
}

async function endOf(process: EspeakProcess['process']): Promise<void> {
  const [code, signal] = await once(process, 'close');
  if (code !== 0) throw new Error(`it ended with ${signal ?? code}`);
}

const failure = (how: string, cause: unknown): StageError =>
  new StageError('voice', `The voice (espeak-ng) ${how}.`, { cause });

/** Removes brackets, because `[[` starts phonemes. */
const speakable = (sentence: string): string => sentence.slice(0, MAX_SENTENCE_CHARACTERS).replace(/[[\]<>\0\n]/g, ' ');

/** Reads a WAV whose header does not contain its length. */
async function readWav(wav: AsyncIterable<Buffer>, speak: (samples: Int16Array) => void): Promise<void> {
  let resampler: Resampler | undefined;
  let unread: Buffer = Buffer.alloc(0);
  let samplesOut = 0;
  try {
    for await (const bytes of wav) {
      unread = Buffer.concat([unread, bytes]);
      if (!resampler) {
        if (unread.length < WAV_HEADER_BYTES) continue;
        resampler = await Resampler.create(unread.readUInt32LE(24), VOICE_SAMPLE_RATE);
        unread = unread.subarray(WAV_HEADER_BYTES);
      }
      while (unread.length >= 2) {
        const piece = unread.subarray(0, Math.min(PIECE_BYTES, unread.length & ~1));
        unread = unread.subarray(piece.length);
        const samples = resampler.push(new Int16Array(new Uint8Array(piece).buffer));
        samplesOut += samples.length;
        if (samplesOut > MAX_SECONDS * VOICE_SAMPLE_RATE) throw new Error('it does not end');
        if (samples.length > 0) speak(samples);
      }
    }
  } finally {
    resampler?.close();
  }
}
