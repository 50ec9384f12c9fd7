/**
 * Does somebody speak? Judged every 32 ms by Silero, which knows voices from noise, music, clicks and hum; its answer is
 * 32 ms old at most.
 */
import { CHUNK_SAMPLES, Silero } from './silero/silero.ts';

export interface VoiceActivityDetector {
  /** Takes sound as it comes, 16 kHz mono; true while somebody speaks, as of its end. */
  hears(samples: Int16Array): boolean;
}

/** One chunk as likely as this is speech … */
const CLEAR = 0.5;
/** … and so are two in a row as likely as this: what is missed is lost, and noise let in costs no more than silence. */
const LIKELY = 0.2;
/** Softer than any voice: a muted microphone. */
const SOFTEST = 10 ** (-66 / 20);
const FULL_SCALE = 32_768;

export class SileroVoiceActivityDetector implements VoiceActivityDetector {
  readonly #silero = new Silero();
  readonly #chunk = new Float32Array(CHUNK_SAMPLES);
  #filled = 0;
  #loudest = 0;
  #wasLikely = false;
  #speaks = false;

  hears(samples: Int16Array): boolean {
    for (const sample of samples) {
      const value = sample / FULL_SCALE;
      this.#chunk[this.#filled++] = value;
      this.#loudest = Math.max(this.#loudest, Math.abs(value));
      if (this.#filled === CHUNK_SAMPLES) this.#judge();
    }
    return this.#speaks;
  }

  #judge(): void {
    const likelihood = this.#loudest < SOFTEST ? 0 : this.#silero.judge(this.#chunk);
    const isLikely = likelihood >= LIKELY;
    this.#speaks = likelihood >= CLEAR || (isLikely && this.#wasLikely);
    this.#wasLikely = isLikely;
    this.#filled = 0;
    this.#loudest = 0;
  }
}
