/**
 * Decides when the next picture of a screen or camera is captured. No timers: times are passed in.
 *
 * A picture costs its publisher a key frame, so none is captured of a still video; how much the publisher sends tells whether it moves.
 * A video that moves but shows no change (a cursor, a talking head) is captured less and less often.
 */
import type { PictureMode } from '@mediasoup-booth/protocol';
import type { PictureSource } from './video-target.ts';

const MIN_INTERVAL_MS = { screen: 2000, camera: 5000 };
const MAX_INTERVAL_MS = 20_000;
/** A picture that is to be repeated for a session is captured again if the last one is older than this. */
const FRESH_MS = 10_000;
/**
 * A video moves when its rate reaches this factor times the rate of the still video, plus this constant. A still video has a rate above
 * zero, as encoders keep refining it.
 */
const CHANGE_FACTOR = 2.5;
const CHANGE_BYTES_PER_MS = 2.5;
/** A video with at least this rate moves, whatever its rate was before: 320 kbit/s. */
const MOVING_BYTES_PER_MS = 40;
/** Share of the newest measurement in the average rate of a still video. */
const CALM_RATE_SMOOTHING = 0.3;
/** Measurements after a request that contain our own key frame and are therefore ignored. */
const OWN_MEASUREMENTS = 1;

export class CaptureInterval {
  readonly #isFixed: boolean;
  readonly #shortestMs: number;
  #intervalMs: number;
  #requestedMs = Number.NEGATIVE_INFINITY;
  #hasMoved = true;
  /** Bytes per millisecond while the video is still. */
  #calmRate: number | undefined;
  #ownMeasurements = 0;

  constructor(mode: PictureMode, source: PictureSource) {
    this.#isFixed = mode === 'fixed';
    this.#shortestMs = MIN_INTERVAL_MS[source];
    this.#intervalMs = this.#shortestMs;
  }

  /** The video has moved since the last picture, and may look different. */
  get hasMoved(): boolean {
    return this.#hasMoved;
  }

  /** The publisher has sent `bytes` within `ms`. */
  addTraffic(bytes: number, ms: number): void {
    if (this.#ownMeasurements > 0) {
      this.#ownMeasurements--;
      return;
    }
    const rate = bytes / ms;
    const calm = this.#calmRate ?? rate;
    const moves = rate >= MOVING_BYTES_PER_MS || rate >= CHANGE_FACTOR * calm + CHANGE_BYTES_PER_MS;
    if (moves) this.#hasMoved = true;
    else this.#calmRate = calm + CALM_RATE_SMOOTHING * (rate - calm);
  }

  /**
   * Whether a picture is to be captured now.
   *
   * @param isRepeatDue a session is to see the video again, whether it has changed or not
   */
  isDue(nowMs: number, isRepeatDue = false): boolean {
    const ageMs = nowMs - this.#requestedMs;
    if (ageMs < this.#intervalMs) return false;
    return this.#hasMoved || this.#isFixed || (isRepeatDue && ageMs >= FRESH_MS);
  }

  /** A picture was requested, or arrived: the interval is counted from `nowMs`. */
  requested(nowMs: number): void {
    this.#requestedMs = nowMs;
    this.#ownMeasurements = OWN_MEASUREMENTS;
  }

  /** A picture was captured; `changed` says whether it differs from the one before. */
  captured(changed: boolean): void {
    this.#hasMoved = false;
    this.#intervalMs = changed || this.#isFixed ? this.#shortestMs : Math.min(MAX_INTERVAL_MS, 2 * this.#intervalMs);
  }
}
