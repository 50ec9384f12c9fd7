/** What hosts have settled for their rooms, in a small file of the data folder: a restart opens no door that a host has shut. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { KeptRules, type RulesMemory } from '../server/room/room-rules.ts';
import { keptFile } from './json-store.ts';

export function rememberedRules(dataDir: string, log: Pick<Logger, 'warn'>): RulesMemory {
  const { earlier = [], keep } = keptFile(join(dataDir, 'rooms.json'), KeptRules, log);
  return { earlier, keep };
}
