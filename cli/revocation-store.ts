/** Which tokens and invites were revoked, in a small file of the data folder: a restart lets nobody in again. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type RevocationStore, StoredRevocations } from '../server/auth/revocation-list.ts';
import { jsonStore } from './json-store.ts';

export function rememberedRevocations(dataDir: string, log: Pick<Logger, 'warn'>): RevocationStore {
  const { earlier = [], keep } = jsonStore(join(dataDir, 'revoked.json'), StoredRevocations, log);
  return { earlier, save: keep };
}
