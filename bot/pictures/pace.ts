/**
 * When the next picture of something is taken. Pure: times are given.
 *
 * A picture costs its publisher a key frame, so none is taken of what stands still: what the publisher sends tells whether it
 * moves. What moves and turns out the same (a cursor, a talking head) is looked at less and less often.
 */
import type { Sight } from './source.ts';

/** `onChange`: when there is something new to see; `fixed`: whenever one is due. */
export type PictureMode = 'onChange' | 'fixed';

const SHORTEST_MS = { screen: 2000, camera: 5000 };
const LONGEST_MS = 20_000;
/** 24 kbit/s: more than an encoder needs to say that nothing happens. */
const MOVING_BYTES_PER_MS = 3;

export class PicturePace {
  readonly #mode: PictureMode;
  readonly #shortestMs: number;
  #intervalMs: number;
  #askedMs = Number.NEGATIVE_INFINITY;
  #moved = true;

  constructor(mode: PictureMode, kind: Sight['kind']) {
    this.#mode = mode;
    this.#shortestMs = SHORTEST_MS[kind];
    this.#intervalMs = this.#shortestMs;
  }

  /** It may look different from the last one. */
  get moved(): boolean {
    return this.#moved;
  }

  /** What its publisher sent in some time. */
  sent(bytes: number, ms: number): void {
    this.#moved ||= bytes >= MOVING_BYTES_PER_MS * ms;
  }

  isDue(nowMs: number): boolean {
    return nowMs - this.#askedMs >= this.#intervalMs && (this.#moved || this.#mode === 'fixed');
  }

  /** It was asked for, or came: none is asked for in the next seconds. */
  asked(nowMs: number): void {
    this.#askedMs = nowMs;
  }

  came(changed: boolean): void {
    this.#moved = false;
    this.#intervalMs =
      changed || this.#mode === 'fixed' ? this.#shortestMs : Math.min(LONGEST_MS, 2 * this.#intervalMs);
  }
}
