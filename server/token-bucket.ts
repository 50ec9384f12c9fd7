/** Limits a rate: a bucket that holds `burst` tokens and is refilled by `perSecond`. No timers: the caller passes the time. */
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

  /** Whether a token is left at `nowMs`. */
  has(nowMs: number): boolean {
    this.#left = Math.min(this.#burst, this.#left + ((nowMs - this.#atMs) / 1000) * this.#perSecond);
    this.#atMs = nowMs;
    return this.#left >= 1;
  }

  /** Takes a token, if one is left. @returns whether it did */
  take(nowMs: number): boolean {
    if (!this.has(nowMs)) return false;
    this.#left--;
    return true;
  }
}
