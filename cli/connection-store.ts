/**
 * When the last connections to the translation service were made, in a small file of the data folder: it saves a restart from
 * being one connection too many.
 */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { ConnectionStore } from '../server/account/shared-connection-limiter.ts';
import { jsonStore } from './json-store.ts';

const Times = z.array(z.number()).max(1000);

export function rememberedConnections(dataDir: string, log: Pick<Logger, 'warn'>): ConnectionStore {
  const { earlier = [], keep } = jsonStore(join(dataDir, 'connections.json'), Times, log);
  return { stored: earlier.toSorted((a, b) => a - b), save: (times) => keep([...times]) };
}
