/**
 * Tries the engine before anybody speaks, and again for as long as it cannot be used: soon where that may pass by itself, and seldom where
 * a person has to mend something. Each attempt is one connection of the account's.
 */
import { type Clock, sleep } from '../../time/clock.ts';
import type { ConnectionLimiter } from './connection-limiter.ts';
import type { TranslationError } from './translation-session.ts';

const AGAIN_MS = 60_000;
const MENDED_MS = 600_000;

export interface EngineTrial {
  /** Resolves with why the engine cannot be used; undefined: it can. */
  attempt(): Promise<TranslationError | undefined>;
  limiter: Pick<ConnectionLimiter, 'reserve'>;
  clock: Clock;
  /** Called after each attempt. */
  tell(error: TranslationError | undefined): void;
  /** Aborting it ends the trial, after which nothing is told. */
  signal?: AbortSignal;
}

/** Resolves when the engine can be used, or the trial is ended. */
export async function tryEngine({ attempt, limiter, clock, tell, signal }: EngineTrial): Promise<void> {
  while (!signal?.aborted) {
    // Where too many wait for a connection already, they will know what this would tell.
    const waitMs = await limiter.reserve().catch(() => undefined);
    await sleep(clock, waitMs ?? AGAIN_MS, signal);
    if (waitMs === undefined || signal?.aborted) continue;
    const error = await attempt();
    if (signal?.aborted) return;
    tell(error);
    if (!error) return;
    await sleep(clock, error.class === 'transient' || error.class === 'throttle' ? AGAIN_MS : MENDED_MS, signal);
  }
}
