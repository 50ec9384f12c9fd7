/**
 * Lets a microphone's sound through while somebody speaks. Pure.
 *
 * Hard requirement: the first word is whole (the 400 ms before it was heard come along), and a pause of less than 1.5 s does
 * not close it, so that a service hears the silence by which it ends a sentence.
 */
import { SileroVoiceActivityDetector, type VoiceActivityDetector } from './voice-activity-detector.ts';

const RATE = 16_000;
const PREROLL_SAMPLES = 0.4 * RATE;
const HANGOVER_SAMPLES = 1.5 * RATE;
const SILENCE_DB = -96;

export class VoiceGate {
  readonly #detector: VoiceActivityDetector;
  #preroll: Int16Array[] = [];
  #prerollSamples = 0;
  #quietSamples = 0;
  #open = false;

  constructor(detector: VoiceActivityDetector = new SileroVoiceActivityDetector()) {
    this.#detector = detector;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Speech sounds, and not the pause that might be its end. */
  get isVoiced(): boolean {
    return this.#open && this.#quietSamples === 0;
  }

  /** Takes sound as it comes (at most 120 ms at a time) and returns what is to be heard of it. */
  push(samples: Int16Array): Int16Array[] {
    if (this.#detector.hears(samples)) return this.#hear(samples);
    if (!this.#open) {
      this.#remember(samples);
      return [];
    }
    this.#quietSamples += samples.length;
    if (this.#quietSamples >= HANGOVER_SAMPLES) this.#open = false;
    return [samples];
  }

  #hear(samples: Int16Array): Int16Array[] {
    this.#open = true;
    this.#quietSamples = 0;
    const heard = [...this.#preroll, samples];
    this.#preroll = [];
    this.#prerollSamples = 0;
    return heard;
  }

  #remember(samples: Int16Array): void {
    this.#preroll.push(samples);
    this.#prerollSamples += samples.length;
    while (this.#prerollSamples - (this.#preroll[0]?.length ?? 0) >= PREROLL_SAMPLES) {
      this.#prerollSamples -= this.#preroll.shift()?.length ?? 0;
    }
  }
}

/** Root mean square in dB below full scale. */
export function level(samples: Int16Array): number {
  if (samples.length === 0) return SILENCE_DB;
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.max(SILENCE_DB, 10 * Math.log10(sum / samples.length / 32_768 ** 2 || Number.MIN_VALUE));
}
