/** The wait between losing a room and joining it again. */
import { Backoff } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';

const FIRST_MS = 1_000;
const LONGEST_MS = 10_000;

/** Keeps a whole room from coming back in one instant. */
const JITTER = 1 / 6;

/**
 * The delays of one sequence of attempts to join: 1, 2, 4, 8, 10, 10 … s. The first is never shorter than 1 s.
 *
 * @param jitter the share of each delay that is left to chance; default: a sixth
 * @param random from 0 to 1; default: `Math.random`
 */
export const rejoinBackoff = (jitter = JITTER, random = Math.random): Backoff =>
  new Backoff({ firstMs: FIRST_MS / (1 - jitter), maxMs: LONGEST_MS, jitter, random });

export interface RejoinWait {
  /** Resolves after the delay, or when it is skipped. */
  readonly over: Promise<void>;
  /** Ends the wait at once; safe at any time. */
  skip(): void;
}

/**
 * Waits before the next attempt to join, unless that is skipped.
 *
 * @example
 * const wait = waitToRejoin(clock, backoff.next());
 * addEventListener('online', () => wait.skip());
 * await wait.over;
 */
export function waitToRejoin(clock: Clock, delayMs: number): RejoinWait {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(delayMs, resolve);
  return {
    over,
    skip() {
      cancel();
      resolve();
    },
  };
}
