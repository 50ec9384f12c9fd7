/**
 * Notices that a speaker is so quiet that they are hardly understood, although their voice is amplified, and that they have become louder.
 * No timers, no sockets. It judges by several seconds of speech at a time, so that neither a soft word nor a click decides, and says the
 * same again only every 30 s.
 */
import { peakOf } from '../../audio/level.ts';
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';

const FULL_SCALE = 32_768;
/** How much speech is judged at a time. */
const WINDOW_SAMPLES = 4 * SPEECH_SAMPLE_RATE;
/** A voice whose peaks hardly ever reach this level is too quiet: −46 dBFS, from which on a recogniser mishears more. */
const AUDIBLE_PEAK = FULL_SCALE * 10 ** (-46 / 20);
/** A voice whose peaks often reach this level is loud enough: −42 dBFS. */
const LOUD_PEAK = FULL_SCALE * 10 ** (-42 / 20);
/** The share of speech that is audible at most in a voice that is too quiet. */
const MAX_AUDIBLE = 0.03;
/** The share of speech that is loud at least in a voice that is loud enough. */
const MIN_LOUD = 0.1;
const MIN_REPORT_INTERVAL_MS = 10_000;
/** A verdict is repeated after this time, so that hosts who join later learn of it too. */
const REPEAT_AFTER_MS = 30_000;

/**
 * @example
 * const tooQuiet = monitor.push(samples, clock.now()); // for what is speech
 * if (tooQuiet !== undefined) notify(tooQuiet);
 */
export class VoiceLevelMonitor {
  #samples = 0;
  #audibleSamples = 0;
  #loudSamples = 0;
  #isTooQuiet = false;
  #reportedMs = Number.NEGATIVE_INFINITY;

  /** The verdict that was reported last. */
  get isTooQuiet(): boolean {
    return this.#isTooQuiet;
  }

  /**
   * Takes the next speech, as the microphone recorded it, at most 120 ms at a time. Returns whether the speaker is too quiet where that
   * is to be reported, else undefined.
   */
  push(samples: Int16Array, nowMs: number): boolean | undefined {
    const peak = peakOf(samples);
    this.#samples += samples.length;
    if (peak >= AUDIBLE_PEAK) this.#audibleSamples += samples.length;
    if (peak >= LOUD_PEAK) this.#loudSamples += samples.length;
    if (this.#samples < WINDOW_SAMPLES) return undefined;
    const verdict = this.#judge();
    this.#samples = 0;
    this.#audibleSamples = 0;
    this.#loudSamples = 0;
    return this.#isDue(verdict, nowMs) ? this.#report(verdict, nowMs) : undefined;
  }

  #judge(): boolean {
    if (this.#audibleSamples < MAX_AUDIBLE * this.#samples) return true;
    return this.#loudSamples < MIN_LOUD * this.#samples && this.#isTooQuiet;
  }

  #isDue(verdict: boolean, nowMs: number): boolean {
    const sinceMs = nowMs - this.#reportedMs;
    return verdict === this.#isTooQuiet ? verdict && sinceMs >= REPEAT_AFTER_MS : sinceMs >= MIN_REPORT_INTERVAL_MS;
  }

  #report(verdict: boolean, nowMs: number): boolean {
    this.#isTooQuiet = verdict;
    this.#reportedMs = nowMs;
    return verdict;
  }
}
