/** Which tokens and invites were withdrawn, in a small file of the data folder: a restart lets nobody in again. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { KeptWithdrawals, type WithdrawalMemory } from '../server/auth/revocation-list.ts';
import { keptFile } from './json-store.ts';

export function rememberedWithdrawals(dataDir: string, log: Pick<Logger, 'warn'>): WithdrawalMemory {
  const { earlier = [], keep } = keptFile(join(dataDir, 'withdrawn.json'), KeptWithdrawals, log);
  return { earlier, keep };
}
