/** What hosts have settled for their rooms, in a small file of the data folder: a restart opens no door that a host has shut. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type RulesStore, StoredRules } from '../server/room/room-rules.ts';
import { jsonStore } from './json-store.ts';

export function rememberedRules(dataDir: string, log: Pick<Logger, 'warn'>): RulesStore {
  const { earlier = [], keep } = jsonStore(join(dataDir, 'rooms.json'), StoredRules, log);
  return { earlier, save: keep };
}
