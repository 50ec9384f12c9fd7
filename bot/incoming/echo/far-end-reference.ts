/**
 * The far-end reference of the echo suppressor: the band levels of what one channel has played, and when. A level decays as it would in a
 * room that rings for half a second.
 *
 * Bounded: the last 2.5 s, in 7 kB.
 */
import { VOICE_SAMPLE_RATE } from '../../../audio/sample-rates.ts';
import { BAND_COUNT, BAND_FRAME_MS, BandLevels, SILENCE_LEVEL_DB } from './band-levels.ts';

const RING_FRAMES = 128;
/** Jitter in frames: a frame that arrives within this of its expected time follows the previous frame without a gap. */
const JITTER_FRAMES = 5;
/** Decay of the room for each frame. */
const DECAY_DB = 2;
/** The longest delay from the channel through a loudspeaker into a microphone, and until the room is silent. */
const AUDIBLE_FOR_MS = 1400;

export class FarEndReference {
  readonly #bands = new BandLevels(VOICE_SAMPLE_RATE);
  readonly #measured = new Float32Array(BAND_COUNT);
  /** A ring of frames, indexed by the number of the frame on the clock. */
  readonly #levels = new Float32Array(RING_FRAMES * BAND_COUNT).fill(SILENCE_LEVEL_DB);
  #lastFrame = Number.NEGATIVE_INFINITY;

  /** Takes the 20 ms at 24 kHz that the channel plays at `nowMs`. */
  push(frame: Int16Array, nowMs: number): void {
    const due = Math.floor(nowMs / BAND_FRAME_MS);
    const next = this.#lastFrame + 1;
    const number = Math.abs(due - next) <= JITTER_FRAMES ? next : due;
    this.#bands.measure(frame, this.#measured);
    for (let gap = Math.max(next, number - RING_FRAMES + 1); gap < number; gap++) this.#store(gap, undefined);
    this.#store(number, this.#measured);
  }

  /** Whether a microphone may still pick up what the channel has played. */
  isAudibleAt(nowMs: number): boolean {
    return nowMs - this.#lastFrame * BAND_FRAME_MS < AUDIBLE_FOR_MS;
  }

  /** Raises `levels`, whose first frame has the number `from`, to what the channel played at that time. */
  raiseLevels(levels: Float32Array, from: number): void {
    const frames = levels.length / BAND_COUNT;
    for (let i = 0; i < frames; i++) {
      const number = from + i;
      if (number <= this.#lastFrame - RING_FRAMES) continue;
      const decayDb = Math.max(0, number - this.#lastFrame) * DECAY_DB;
      const at = ringIndex(Math.min(number, this.#lastFrame));
      for (let band = 0; band < BAND_COUNT; band++) {
        const level = (this.#levels[at + band] ?? 0) - decayDb;
        if (level > (levels[i * BAND_COUNT + band] ?? 0)) levels[i * BAND_COUNT + band] = level;
      }
    }
  }

  #store(number: number, measured: Float32Array | undefined): void {
    const [at, before] = [ringIndex(number), ringIndex(number - 1)];
    const follows = number - 1 === this.#lastFrame;
    for (let band = 0; band < BAND_COUNT; band++) {
      const ringing = follows ? (this.#levels[before + band] ?? 0) - DECAY_DB : SILENCE_LEVEL_DB;
      this.#levels[at + band] = Math.max(SILENCE_LEVEL_DB, ringing, measured?.[band] ?? SILENCE_LEVEL_DB);
    }
    this.#lastFrame = number;
  }
}

const ringIndex = (number: number): number => (((number % RING_FRAMES) + RING_FRAMES) % RING_FRAMES) * BAND_COUNT;
