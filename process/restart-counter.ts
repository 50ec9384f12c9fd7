/**
 * Decides when something that ended is started again: after a delay that doubles, and not at all where it was started too often within a
 * time. No timers: callers pass the time in.
 */
import { backoffDelayMs } from '../time/backoff.ts';

export interface RestartPolicy {
  /** Milliseconds before the first restart; each further one waits twice as long. */
  firstDelayMs: number;
  maxDelayMs: number;
  /** A run of this many milliseconds makes the next delay `firstDelayMs` again. Default: no run is long enough. */
  stableAfterMs?: number;
  /** So many starts within so many milliseconds are a failure; older starts do not lengthen the delay. Default: no limit. */
  limit?: { starts: number; withinMs: number };
}

/** With this many starts every delay has reached its maximum. */
const MAX_COUNTED_STARTS = 64;

/**
 * @example
 * const restarts = new RestartCounter({ firstDelayMs: 500, maxDelayMs: 10_000 });
 * restarts.started(clock.now());
 * const { delayMs } = restarts.ended(clock.now()); // 500
 */
export class RestartCounter {
  readonly #policy: RestartPolicy;
  /** When the starts were that count for delay and limit. */
  #startedAtMs: number[] = [];

  constructor(policy: RestartPolicy) {
    this.#policy = policy;
  }

  started(nowMs: number): void {
    this.#startedAtMs = [...this.#startedAtMs, nowMs].slice(-MAX_COUNTED_STARTS);
  }

  /** @returns how many starts count, at least one, and after how long the next may follow; undefined: it has failed */
  ended(nowMs: number): { starts: number; delayMs: number | undefined } {
    const { firstDelayMs, maxDelayMs, limit } = this.#policy;
    const starts = this.#count(nowMs);
    if (limit && starts >= limit.starts) return { starts, delayMs: undefined };
    return { starts, delayMs: backoffDelayMs(starts - 1, { firstMs: firstDelayMs, maxMs: maxDelayMs }) };
  }

  /** Removes the starts that do not count. */
  #count(nowMs: number): number {
    const { stableAfterMs = Number.POSITIVE_INFINITY, limit } = this.#policy;
    const last = this.#startedAtMs.slice(-1);
    if (nowMs - (last[0] ?? nowMs) >= stableAfterMs) this.#startedAtMs = last;
    if (limit) this.#startedAtMs = this.#startedAtMs.filter((atMs) => nowMs - atMs < limit.withinMs);
    return Math.max(1, this.#startedAtMs.length);
  }
}
