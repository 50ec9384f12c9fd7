/** The server's state that outlives a restart, each kind in a small JSON file of the data folder. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { UsageStore } from '../account/usage-accounting.ts';
import { StoredUsage } from '../account/usage-ledger.ts';
import type { ConnectionStore } from '../server/account/shared-connection-limiter.ts';
import { type OperatorStore, StoredOperators } from '../server/auth/operator-access.ts';
import { type RevocationStore, StoredRevocations } from '../server/auth/revocation-list.ts';
import { type OpenRoomsStore, StoredRooms } from '../server/room/open-rooms.ts';
import { type RulesStore, StoredRules } from '../server/room/room-rules.ts';
import { openJsonStore } from './json-store.ts';

type WarningLog = Pick<Logger, 'warn'>;

const NOBODY_REVOKED = 'people could come in again whose invites were revoked';
const NO_RULES = 'rooms would be open whose hosts let people in one by one';

/** What a server by itself keeps in its data folder, and several would share. @throws {CommandError} if a file cannot be read */
export const openDataFolderStores = (dataDir: string, log: WarningLog) => ({
  rulesStore: openRulesStore(dataDir, log),
  revocationStore: openRevocationStore(dataDir, log),
  operatorStore: openOperatorStore(dataDir, log),
  connectionStore: openConnectionStore(dataDir, log),
});

/** When connections to the translation service were made: a restart must not be one connection too many in a minute. */
export function openConnectionStore(
  dataDir: string,
  log: WarningLog,
): ConnectionStore & { save(times: readonly number[]): Promise<boolean> } {
  const { stored = [], save } = openJsonStore(join(dataDir, 'connections.json'), z.array(z.number()).max(2000), log);
  return { stored: stored.toSorted((a, b) => a - b), save: (times) => save([...times]) };
}

/** Which tokens and invites were revoked: a restart must not let anybody in again. @throws {CommandError} if the file cannot be read */
export function openRevocationStore(dataDir: string, log: WarningLog): RevocationStore {
  const { stored = [], save } = openJsonStore(join(dataDir, 'revoked.json'), StoredRevocations, log, NOBODY_REVOKED);
  return { earlier: stored, save };
}

/** Which browsers are signed in as the operator's: a restart must not sign them out. */
function openOperatorStore(dataDir: string, log: WarningLog): OperatorStore {
  const { stored = [], save } = openJsonStore(join(dataDir, 'signed-in.json'), StoredOperators, log);
  return { stored, save };
}

/** The rules that hosts set for their rooms: a restart must not open a room that its host has closed. @throws {CommandError} if the file cannot be read */
export function openRulesStore(dataDir: string, log: WarningLog): RulesStore {
  const { stored = [], save } = openJsonStore(join(dataDir, 'rooms.json'), StoredRules, log, NO_RULES);
  return { earlier: stored, save };
}

/** Stores the usage of today and yesterday, so that a restart does not start a new budget. */
export function openUsageStore(
  dataDir: string,
  log: WarningLog,
): UsageStore & { save(usage: StoredUsage): Promise<boolean> } {
  const { stored = [], save } = openJsonStore(join(dataDir, 'usage.json'), StoredUsage, log);
  return { stored, save };
}

/** Which rooms are open: applications that are told what happens learn of those that a killed server had. */
export function openRoomsStore(dataDir: string, log: WarningLog): OpenRoomsStore {
  const { stored = [], save } = openJsonStore(join(dataDir, 'open-rooms.json'), StoredRooms, log);
  return { stored, save: (rooms) => void save(rooms) };
}
