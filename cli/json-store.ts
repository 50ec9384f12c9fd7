/**
 * A small JSON file of the data folder that outlives a restart. Whoever reads it finds the old text or the new one, whole; where it
 * cannot be read or written, that is logged and the work goes on. What could not be read is put aside, and may be repaired.
 */
import { readFileSync, renameSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { isFileError } from './files.ts';

export interface JsonStore<T> {
  /** Undefined: there is none yet, or it could not be read. */
  readonly earlier: T | undefined;
  /** Settles when it, or what was kept after it, is on the disk, or cannot be written, which is logged. */
  keep(value: T): Promise<void>;
}

export function jsonStore<S extends z.ZodType>(
  path: string,
  schema: S,
  log: Pick<Logger, 'warn'>,
): JsonStore<z.output<S>> {
  let isWriting = false;
  let next: { value: z.output<S>; written: PromiseWithResolvers<void> } | undefined;
  /** One write at a time; what comes meanwhile waits for it, the newest alone, and for nothing that comes later still. */
  async function write(): Promise<void> {
    isWriting = true;
    while (next) {
      const { value, written } = next;
      next = undefined;
      await replace(path, JSON.stringify(value)).catch((error: unknown) =>
        log.warn({ err: error }, `${path} could not be written`),
      );
      written.resolve();
    }
    isWriting = false;
  }
  return {
    earlier: read(path, schema, log),
    keep(value) {
      const { written } = next ?? { written: Promise.withResolvers<void>() };
      next = { value, written };
      if (!isWriting) void write();
      return written.promise;
    },
  };
}

function read<S extends z.ZodType>(path: string, schema: S, log: Pick<Logger, 'warn'>): z.output<S> | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const isFirst = isFileError(error) && error.code === 'ENOENT';
    if (!isFirst)
      log.warn({ err: error }, `${path} could not be read${putAside(path) ? `: it is now ${path}.unreadable` : ''}`);
    return undefined;
  }
}

function putAside(path: string): boolean {
  try {
    renameSync(path, `${path}.unreadable`);
    return true;
  } catch {
    return false;
  }
}

async function replace(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, text, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}
