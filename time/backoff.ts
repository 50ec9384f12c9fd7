/**
 * Exponential backoff: how long to wait before the next attempt. The delay doubles from `firstMs` up to `maxMs`, with jitter, so that
 * clients that failed together do not come back together. No timers: the caller waits.
 */
export interface BackoffOptions {
  /** Milliseconds before the second attempt. */
  firstMs: number;
  /** The longest delay, in milliseconds. */
  maxMs: number;
  /** How many delays are as short as the first before they begin to double. Default: 1. */
  shortDelays?: number;
  /** The share of each delay that is random, from 0 to 1. Default: 0. */
  jitter?: number;
  /** Returns a random number from 0 (inclusive) to 1 (exclusive). Default: `Math.random`. */
  random?: () => number;
}

/**
 * The delays of one sequence of attempts.
 *
 * @example
 * const backoff = new Backoff({ firstMs: 500, maxMs: 10_000, jitter: 0.2 });
 * while (!(await connect())) await sleep(backoff.next());
 * backoff.reset();
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #attempt = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    return backoffDelayMs(this.#attempt++, this.#options);
  }

  /** An attempt succeeded: the next failure waits for `firstMs` again. */
  reset(): void {
    this.#attempt = 0;
  }
}

/**
 * The delay before an attempt, in milliseconds: `firstMs`, doubled with each attempt after the short delays, at most `maxMs`, minus a
 * random share of up to `jitter`.
 *
 * @param attempt how many delays came before this one
 *
 * @example
 * backoffDelayMs(0, { firstMs: 1000, maxMs: 10_000 }); // 1000
 * backoffDelayMs(9, { firstMs: 1000, maxMs: 10_000 }); // 10000
 */
export function backoffDelayMs(
  attempt: number,
  { firstMs, maxMs, shortDelays = 1, jitter = 0, random = Math.random }: BackoffOptions,
): number {
  const doublings = Math.max(0, attempt + 1 - shortDelays);
  return Math.round(Math.min(maxMs, firstMs * 2 ** doublings) * (1 - jitter * random()));
}
