/**
 * Tries the engine before anybody speaks, and again for as long as it cannot be used: soon where that may pass by itself, and seldom where
 * a person has to mend something. Each attempt is one connection of the account's.
 */
import { type Clock, sleep } from '../../time/clock.ts';
import type { ConnectionLimiter } from '../session/connection-limiter.ts';
import type { TranslationError } from '../session/translation-session.ts';

const AGAIN_MS = 60_000;
const MENDED_MS = 600_000;

export interface EngineTrial {
  /** Resolves with why the engine cannot be used; undefined: it can. */
  attempt(): Promise<TranslationError | undefined>;
  limiter: Pick<ConnectionLimiter, 'reserve'>;
  clock: Clock;
  /** Called after each attempt. */
  tell(error: TranslationError | undefined): void;
}

/** Resolves when the engine can be used. */
export async function tryEngine({ attempt, limiter, clock, tell }: EngineTrial): Promise<void> {
  for (;;) {
    await sleep(clock, await limiter.reserve());
    const error = await attempt();
    tell(error);
    if (!error) return;
    await sleep(clock, error.class === 'transient' || error.class === 'throttle' ? AGAIN_MS : MENDED_MS);
  }
}
