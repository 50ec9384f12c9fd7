/**
 * Limits a rate: a bucket that holds `burst` tokens and is refilled by `perSecond`. What costs more takes more of them. No timers: the
 * caller passes the time.
 */
export interface Rate {
  perSecond: number;
  burst: number;
}

export class TokenBucket {
  readonly #rate: Rate;
  #left: number;
  #atMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#left = rate.burst;
    this.#atMs = nowMs;
  }

  /** The share of the bucket that is left at `nowMs`, from 0 to 1. */
  share(nowMs: number): number {
    this.#refill(nowMs);
    return this.#left / this.#rate.burst;
  }

  /** Whether `cost` tokens are left at `nowMs`. Default: 1. */
  has(nowMs: number, cost = 1): boolean {
    this.#refill(nowMs);
    return this.#left >= cost;
  }

  /** Takes `cost` tokens, if as many are left. Default: 1. @returns whether it did */
  take(nowMs: number, cost = 1): boolean {
    if (!this.has(nowMs, cost)) return false;
    this.#left -= cost;
    return true;
  }

  #refill(nowMs: number): void {
    const { perSecond, burst } = this.#rate;
    this.#left = Math.min(burst, this.#left + ((nowMs - this.#atMs) / 1000) * perSecond);
    this.#atMs = nowMs;
  }
}
