/** How long a client waits before it joins a room again. */
import type { BackoffOptions } from '../time/backoff.ts';

/**
 * 1 s eight times, then 2, 4, 8, 10, 10 … s, each up to a fifth longer and the last up to a sixth shorter at random, so that the
 * participants of a room do not join again at the same instant. A server that is started again is reached within a good second while it
 * may be expected back. For `backoffDelayMs(attempt, rejoinBackoff)`, where `attempt` counts the failures since the connection was lost.
 */
export const rejoinBackoff: BackoffOptions = { firstMs: 1_200, maxMs: 10_000, shortDelays: 8, jitter: 1 / 6 };
