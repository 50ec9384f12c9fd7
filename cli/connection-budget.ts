/**
 * The budget of connections per minute where no server keeps it: the last connections are kept in the data folder, so that commands
 * which run one after another, or at the same time, count together.
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

/**
 * Opens the budget of one command. Its `reserve` reserves one connection and resolves to the milliseconds to wait until it may be made.
 * Reservations are made one at a time, each after the file was read again and before it is written with it.
 *
 * @example
 * const reserve = openConnectionBudget(model, settings, log);
 * await setTimeout(await reserve());
 */
export function openConnectionBudget(
  model: Model,
  { config, dataDir }: Pick<Settings, 'config' | 'dataDir'>,
  log: Pick<Logger, 'warn'>,
): () => Promise<number> {
  const scheduler = new ConnectionScheduler<OnWaitChanged>(config.livetranslate);
  // The stored times are times of day, which other processes understand as well.
  const clock = { ...systemClock, now: Date.now };
  const limiter = connectionLimiterFor(model, localConnectionLimiter(scheduler, clock));
  let last: Promise<unknown> = Promise.resolve();

  async function reserve(): Promise<number> {
    const store = openConnectionStore(dataDir, log);
    scheduler.include(store.stored, clock.now());
    const waitMs = await limiter.reserve();
    if (scheduler.times.length > 0) await store.save(scheduler.times);
    return waitMs;
  }

  return () => {
    const reserved = last.then(reserve);
    last = reserved.catch(() => {});
    return reserved;
  };
}
