/** How much one peer may ask for over time: a bucket of `burst` that fills up again by `perSecond`. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #left: number;
  #atMs: number;

  constructor(bounds: { perSecond: number; burst: number }, nowMs: number) {
    this.#perSecond = bounds.perSecond;
    this.#burst = bounds.burst;
    this.#left = bounds.burst;
    this.#atMs = nowMs;
  }

  /** Whether there is one left, as of `nowMs`. */
  has(nowMs: number): boolean {
    this.#left = Math.min(this.#burst, this.#left + ((nowMs - this.#atMs) / 1000) * this.#perSecond);
    this.#atMs = nowMs;
    return this.#left >= 1;
  }

  /** Takes one, if there is one. */
  take(nowMs: number): boolean {
    if (!this.has(nowMs)) return false;
    this.#left--;
    return true;
  }
}
