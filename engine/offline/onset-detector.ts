/**
 * Finds when speech started, from its loudness, because recognised words come almost a second later and without a time. It finds the
 * 20 ms frame that ended a quiet interval, and does not judge whether the sound is speech.
 */
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';

const FRAME_MS = 20;
const FRAME_SAMPLES = (SPEECH_SAMPLE_RATE * FRAME_MS) / 1000;
/** Root mean square; anything quieter is silence in any room. */
const MIN_LOUD = 120;
/** Speech is 10 dB louder than the noise floor. */
const OVER_NOISE = 3;
/** The noise floor falls at once, and rises within seconds. */
const FLOOR_RISE = 1.01;
/** A shorter quiet interval is a pause within speech. */
const QUIET_MS = 300;

export class OnsetDetector {
  #floor = Number.POSITIVE_INFINITY;
  #frames = 0;
  #quietMs = QUIET_MS;
  #atMs = 0;
  #rest: Int16Array = new Int16Array(0);

  /** When the current sound, or the last one, started: milliseconds since the first sample. */
  get atMs(): number {
    return this.#atMs;
  }

  push(samples: Int16Array): void {
    const all = new Int16Array(this.#rest.length + samples.length);
    all.set(this.#rest);
    all.set(samples, this.#rest.length);
    let at = 0;
    for (; at + FRAME_SAMPLES <= all.length; at += FRAME_SAMPLES) this.#pushFrame(all.subarray(at, at + FRAME_SAMPLES));
    this.#rest = all.subarray(at);
  }

  #pushFrame(samples: Int16Array): void {
    const level = loudness(samples);
    this.#floor = Math.max(1, Math.min(level, this.#floor * FLOOR_RISE));
    const loud = level > Math.max(MIN_LOUD, this.#floor * OVER_NOISE);
    if (loud && this.#quietMs >= QUIET_MS) this.#atMs = this.#frames * FRAME_MS;
    this.#quietMs = loud ? 0 : this.#quietMs + FRAME_MS;
    this.#frames++;
  }
}

function loudness(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length);
}
