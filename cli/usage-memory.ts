/** What interpreters took today and yesterday, in a small file of the data folder: a restart makes no new budget. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { UsageMemory } from '../account/usage-accounting.ts';
import { KeptUsage } from '../account/usage-ledger.ts';
import { keptFile } from './json-store.ts';

export function rememberedUsage(dataDir: string, log: Pick<Logger, 'warn'>): UsageMemory {
  const { earlier = [], keep } = keptFile(join(dataDir, 'usage.json'), KeptUsage, log);
  return { earlier, keep };
}
