/**
 * Lets a microphone's sound through while somebody speaks. Pure.
 *
 * Hard requirement: the first word is whole (the 400 ms before it come along), and a pause of less than 1.5 s does not close
 * it, so that a service hears the silence by which it ends a sentence.
 */
const RATE = 16_000;
const PREROLL_SAMPLES = 0.4 * RATE;
const HANGOVER_SAMPLES = 1.5 * RATE;
/** Speech stands this far above the room's own noise … */
const ABOVE_NOISE_DB = 9;
/** … and is never softer than this. */
const SOFTEST_DB = -52;
const LOUDEST_NOISE_DB = -35;
/** Softer noise changes nothing, and a muted microphone's silence is none of the room's. */
const SOFTEST_NOISE_DB = SOFTEST_DB - ABOVE_NOISE_DB;
/** How fast the noise is believed to have grown. */
const NOISE_RISE_DB_PER_S = 1.5;
const SILENCE_DB = -96;

export class VoiceGate {
  #preroll: Int16Array[] = [];
  #prerollSamples = 0;
  #noiseDb = SOFTEST_NOISE_DB;
  #quietSamples = 0;
  #open = false;

  get isOpen(): boolean {
    return this.#open;
  }

  /** Speech sounds, and not the pause that might be its end. */
  get isVoiced(): boolean {
    return this.#open && this.#quietSamples === 0;
  }

  /** Takes sound as it comes (at most 120 ms at a time) and returns what is to be heard of it. */
  push(samples: Int16Array): Int16Array[] {
    const levelDb = level(samples);
    const speech = levelDb > Math.max(SOFTEST_DB, this.#noiseDb + ABOVE_NOISE_DB);
    this.#followNoise(levelDb, samples.length);
    if (speech) return this.#hear(samples);
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

  /** Falls at once, rises slowly: the softest of the last seconds is the room. */
  #followNoise(levelDb: number, samples: number): void {
    const risen = this.#noiseDb + (NOISE_RISE_DB_PER_S * samples) / RATE;
    this.#noiseDb = Math.max(SOFTEST_NOISE_DB, Math.min(levelDb, risen, LOUDEST_NOISE_DB));
  }
}

/** Root mean square in dB below full scale. */
export function level(samples: Int16Array): number {
  if (samples.length === 0) return SILENCE_DB;
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.max(SILENCE_DB, 10 * Math.log10(sum / samples.length / 32_768 ** 2 || Number.MIN_VALUE));
}
