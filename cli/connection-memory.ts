/**
 * When the last connections to the translation service were made, in a small file of the data folder. It saves a restart from
 * being one connection too many; where it cannot be read or written, that is logged and the work goes on.
 */
import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { ConnectionMemory } from '../server/session-permits.ts';
import { isFileError } from './files.ts';

const Times = z.array(z.number()).max(1000);

export function rememberedConnections(dataDir: string, log: Pick<Logger, 'warn'>): ConnectionMemory {
  const path = join(dataDir, 'connections.json');
  let writing = false;
  let latest: readonly number[] | undefined;
  /** One write at a time; what comes meanwhile waits for it, the newest alone. */
  async function write(): Promise<void> {
    writing = true;
    while (latest) {
      const text = JSON.stringify(latest);
      latest = undefined;
      await replace(path, text).catch((error: unknown) => log.warn({ err: error }, `${path} could not be written`));
    }
    writing = false;
  }
  return {
    earlier: read(path, log),
    keep(times) {
      latest = times;
      if (!writing) void write();
    },
  };
}

function read(path: string, log: Pick<Logger, 'warn'>): number[] {
  try {
    return Times.parse(JSON.parse(readFileSync(path, 'utf8'))).sort((a, b) => a - b);
  } catch (error) {
    const isFirst = isFileError(error) && error.code === 'ENOENT';
    if (!isFirst) log.warn({ err: error }, `${path} could not be read`);
    return [];
  }
}

/** Whoever reads finds the old text or the new one, whole. */
async function replace(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
