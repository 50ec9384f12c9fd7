/**
 * What a channel has played, and when, as loud as a room would still hold it: each band dies away as in a room that rings for half a
 * second. The last 2.5 s, in 7 kB.
 */
import { ENCODED_RATE } from '../../../audio/opus-codec.ts';
import { BANDS, BandLevels, FRAME_MS, SILENT_DB } from './band-levels.ts';

const KEPT_FRAMES = 128;
/** Of a frame that follows the one before it, though it was taken sooner or later than in time. */
const JITTER_FRAMES = 5;
const DECAY_DB = 2;
/** The longest way from the channel through a loudspeaker into a microphone, and until the room is silent. */
const HEARD_FOR_MS = 1400;

export class FarEndReference {
  readonly #bands = new BandLevels(ENCODED_RATE);
  readonly #measured = new Float32Array(BANDS);
  /** In a ring, by the frame's number on the clock. */
  readonly #levels = new Float32Array(KEPT_FRAMES * BANDS).fill(SILENT_DB);
  #last = Number.NEGATIVE_INFINITY;

  /** 20 ms at 24 kHz, as they leave. */
  add(frame: Int16Array, nowMs: number): void {
    const due = Math.floor(nowMs / FRAME_MS);
    const next = this.#last + 1;
    const number = Math.abs(due - next) <= JITTER_FRAMES ? next : due;
    this.#bands.measure(frame, this.#measured);
    for (let gap = Math.max(next, number - KEPT_FRAMES + 1); gap < number; gap++) this.#keep(gap, undefined);
    this.#keep(number, this.#measured);
  }

  /** A microphone may hear it now. */
  isHeardAt(nowMs: number): boolean {
    return nowMs - this.#last * FRAME_MS < HEARD_FOR_MS;
  }

  /** Raises `levels`, which begin at frame `from`, to what was played then. */
  addTo(levels: Float32Array, from: number): void {
    const frames = levels.length / BANDS;
    for (let i = 0; i < frames; i++) {
      const number = from + i;
      if (number <= this.#last - KEPT_FRAMES) continue;
      const decayDb = Math.max(0, number - this.#last) * DECAY_DB;
      const at = ringIndex(Math.min(number, this.#last));
      for (let band = 0; band < BANDS; band++) {
        const level = (this.#levels[at + band] ?? 0) - decayDb;
        if (level > (levels[i * BANDS + band] ?? 0)) levels[i * BANDS + band] = level;
      }
    }
  }

  #keep(number: number, measured: Float32Array | undefined): void {
    const [at, before] = [ringIndex(number), ringIndex(number - 1)];
    const follows = number - 1 === this.#last;
    for (let band = 0; band < BANDS; band++) {
      const ringing = follows ? (this.#levels[before + band] ?? 0) - DECAY_DB : SILENT_DB;
      this.#levels[at + band] = Math.max(SILENT_DB, ringing, measured?.[band] ?? SILENT_DB);
    }
    this.#last = number;
  }
}

const ringIndex = (number: number): number => (((number % KEPT_FRAMES) + KEPT_FRAMES) % KEPT_FRAMES) * BANDS;
