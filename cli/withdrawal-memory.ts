/** Which tokens and invites were withdrawn, in a small file of the data folder: a restart lets nobody in again. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type RevocationStore, StoredRevocations } from '../server/auth/revocation-list.ts';
import { jsonStore } from './json-store.ts';

export function rememberedWithdrawals(dataDir: string, log: Pick<Logger, 'warn'>): RevocationStore {
  const { earlier = [], keep } = jsonStore(join(dataDir, 'withdrawn.json'), StoredRevocations, log);
  return { earlier, keep };
}
