/**
 * When the next picture of something is taken. Pure: times are given.
 *
 * A picture costs its publisher a key frame, so none is taken of what stands still: how much the publisher sends tells whether it
 * moves. What moves and turns out the same (a cursor, a talking head) is looked at less and less often.
 */
import type { PictureMode } from '../../protocol/rooms.ts';
import type { VideoTarget } from './video-target.ts';

const MIN_INTERVAL_MS = { screen: 2000, camera: 5000 };
const MAX_INTERVAL_MS = 20_000;
/** What is older is taken again for whom it is to be repeated. */
const FRESH_MS = 10_000;
/** An encoder goes on polishing what stands still: against that, this is a change … */
const CHANGE_FACTOR = 2.5;
const CHANGE_BYTES_PER_MS = 2.5;
/** … and so is this, whatever was before: 320 kbit/s. */
const MOVING_BYTES_PER_MS = 40;
/** How much of a calm time's rate is new in each measurement. */
const CALM_RATE_SMOOTHING = 0.3;
/** Those that have our own key frame in them. */
const OWN_MEASUREMENTS = 1;

export class CaptureInterval {
  readonly #isFixed: boolean;
  readonly #shortestMs: number;
  #intervalMs: number;
  #requestedMs = Number.NEGATIVE_INFINITY;
  #moved = true;
  /** In bytes a millisecond. */
  #calmRate: number | undefined;
  #ownMeasurements = 0;

  constructor(mode: PictureMode, kind: VideoTarget['kind']) {
    this.#isFixed = mode === 'fixed';
    this.#shortestMs = MIN_INTERVAL_MS[kind];
    this.#intervalMs = this.#shortestMs;
  }

  /** It may look different from the last one. */
  get hasMoved(): boolean {
    return this.#moved;
  }

  /** What its publisher sent in some time. */
  addTraffic(bytes: number, ms: number): void {
    if (this.#ownMeasurements > 0) {
      this.#ownMeasurements--;
      return;
    }
    const rate = bytes / ms;
    const calm = this.#calmRate ?? rate;
    const changes = rate >= MOVING_BYTES_PER_MS || rate >= CHANGE_FACTOR * calm + CHANGE_BYTES_PER_MS;
    if (changes) this.#moved = true;
    else this.#calmRate = calm + CALM_RATE_SMOOTHING * (rate - calm);
  }

  /** `repeats`: somebody is to see it again, changed or not. */
  isDue(nowMs: number, repeats = false): boolean {
    const ageMs = nowMs - this.#requestedMs;
    if (ageMs < this.#intervalMs) return false;
    return this.#moved || this.#isFixed || (repeats && ageMs >= FRESH_MS);
  }

  /** It was asked for, or came: none is asked for in the next seconds. */
  requested(nowMs: number): void {
    this.#requestedMs = nowMs;
    this.#ownMeasurements = OWN_MEASUREMENTS;
  }

  captured(changed: boolean): void {
    this.#moved = false;
    this.#intervalMs = changed || this.#isFixed ? this.#shortestMs : Math.min(MAX_INTERVAL_MS, 2 * this.#intervalMs);
  }
}
