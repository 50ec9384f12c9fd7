/** How long a client waits before it joins a room again. */
import type { BackoffOptions } from '../time/backoff.ts';

/**
 * 1, 2, 4, 8, 10, 10 … s, each up to a fifth longer and the last up to a sixth shorter at random, so that the participants of a room do
 * not join again at the same instant. For `backoffDelayMs(attempt, rejoinBackoff)`, where `attempt` counts the failures since the
 * connection was lost.
 */
export const rejoinBackoff: BackoffOptions = { firstMs: 1_200, maxMs: 10_000, jitter: 1 / 6 };
