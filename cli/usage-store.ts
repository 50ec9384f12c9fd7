/** What interpreters took today and yesterday, in a small file of the data folder: a restart makes no new budget. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { UsageStore } from '../account/usage-accounting.ts';
import { StoredUsage } from '../account/usage-ledger.ts';
import { jsonStore } from './json-store.ts';

export function rememberedUsage(dataDir: string, log: Pick<Logger, 'warn'>): UsageStore {
  const { earlier = [], keep } = jsonStore(join(dataDir, 'usage.json'), StoredUsage, log);
  return { stored: earlier, save: keep };
}
