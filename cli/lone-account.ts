/**
 * The account's budget of who has no server to ask. The connections of the last minute are remembered in the data folder, so that
 * runs which follow each other count together.
 */
import type { Logger } from 'pino';
import { ConnectionScheduler } from '../account/connection-scheduler.ts';
import { connectionLimiterFor, localConnectionLimiter, type OnWaitChanged } from '../bot/session/connection-limiter.ts';
import type { Model } from '../config/models.ts';
import { systemClock } from '../time/clock.ts';
import { rememberedConnections } from './connection-store.ts';
import type { Settings } from './settings.ts';

/** Books one connection: how long to wait until it may be made, in ms. */
export async function bookConnection(
  model: Model,
  { config, dataDir }: Settings,
  log: Pick<Logger, 'warn'>,
): Promise<number> {
  const memory = rememberedConnections(dataDir, log);
  const budget = new ConnectionScheduler<OnWaitChanged>(config.livetranslate, { earlier: memory.stored });
  // What is remembered is told in the time of day.
  const connectionLimiter = connectionLimiterFor(
    model,
    localConnectionLimiter(budget, { ...systemClock, now: Date.now }),
  );
  const waitMs = await connectionLimiter.reserve();
  if (budget.times.length > 0) memory.save(budget.times);
  return waitMs;
}
