/**
 * The budget of connections per minute where no server keeps it: the last connections are kept in the data folder, so that commands
 * which run one after another count together.
 */

import {
  connectionLimiterFor,
  localConnectionLimiter,
  type OnWaitChanged,
} from '@mediasoup-booth/interpreter/livetranslate';
import type { Logger } from 'pino';
import { ConnectionScheduler } from '../account/connection-scheduler.ts';
import type { Model } from '../config/models.ts';
import { systemClock } from '../time/clock.ts';
import { openConnectionStore } from './data-folder-stores.ts';
import type { Settings } from './settings.ts';

/** Reserves one connection. Returns the milliseconds to wait until it may be made. */
export async function reserveConnection(
  model: Model,
  { config, dataDir }: Settings,
  log: Pick<Logger, 'warn'>,
): Promise<number> {
  const store = openConnectionStore(dataDir, log);
  const scheduler = new ConnectionScheduler<OnWaitChanged>(config.livetranslate, { earlier: store.stored });
  // The stored times are times of day, which other processes understand as well.
  const limiter = connectionLimiterFor(model, localConnectionLimiter(scheduler, { ...systemClock, now: Date.now }));
  const waitMs = await limiter.reserve();
  if (scheduler.times.length > 0) store.save(scheduler.times);
  return waitMs;
}
