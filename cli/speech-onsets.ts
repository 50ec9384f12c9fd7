/**
 * Finds when the first word of a segment was said: services report a moment before it, as they begin a segment with what led up to it, or
 * after it, when they have recognised it.
 *
 * Bound: levels of the last three minutes are kept.
 */
import { rms } from '../audio/level.ts';
import { SPEECH_SAMPLE_RATE } from '../audio/sample-rates.ts';

const FRAME_MS = 20;
const FRAME_SAMPLES = (SPEECH_SAMPLE_RATE * FRAME_MS) / 1000;
const KEPT_FRAMES = 180_000 / FRAME_MS;
/** What is quieter than this share of the loudest is not the first word. */
const QUIET_SHARE = 0.1;
/** What is quieter than this, of 32767, is no voice. */
const LEAST_VOICE = 100;
/** A longer pause is not within a word or between two of a segment. */
const PAUSE_FRAMES = 8;
/** The first word is looked for so far on both sides of the reported start, and its loudness over so much of the segment. */
const SEARCH_MS = 700;
const LOUDNESS_MS = 2000;

export class SpeechOnsets {
  /** Levels by the number of their frame in the recording. */
  readonly #levels = new Map<number, number>();

  /** @param positionMs where in the recording the samples begin */
  add(samples: Int16Array, positionMs: number): void {
    const first = Math.round(positionMs / FRAME_MS);
    for (let i = 0; (i + 1) * FRAME_SAMPLES <= samples.length; i++) {
      this.#levels.delete(first + i);
      this.#levels.set(first + i, rms(samples.subarray(i * FRAME_SAMPLES, (i + 1) * FRAME_SAMPLES)));
    }
    for (const frame of this.#levels.keys()) {
      if (this.#levels.size <= KEPT_FRAMES) break;
      this.#levels.delete(frame);
    }
  }

  /** When the first word was said of a segment that is reported to start at `startMs`; that time where nothing tells better. */
  onsetAfter(startMs: number): number {
    const first = Math.round(startMs / FRAME_MS);
    const levels = Array.from({ length: LOUDNESS_MS / FRAME_MS }, (_, i) => this.#levels.get(first + i) ?? 0);
    const loudest = Math.max(...levels);
    if (loudest < LEAST_VOICE) return startMs;
    const onset = levels.findIndex((level) => level > loudest * QUIET_SHARE);
    if (onset > 0) return onset * FRAME_MS <= SEARCH_MS ? (first + onset) * FRAME_MS : startMs;
    const earlier = this.#beginningBefore(first, loudest * QUIET_SHARE);
    return earlier < first ? earlier * FRAME_MS : startMs;
  }

  /** The frame in which the speech began that goes on in this one. */
  #beginningBefore(frame: number, quiet: number): number {
    let beginning = frame;
    for (let at = frame; frame - at <= SEARCH_MS / FRAME_MS && beginning - at <= PAUSE_FRAMES; at--)
      if ((this.#levels.get(at) ?? 0) > quiet) beginning = at;
    return beginning;
  }
}
