/**
 * A small JSON file that outlives a restart. Readers find the old text or the new one, never a part of it. Where the file cannot be
 * read or written, the error is logged and the program continues; a file that cannot be read is renamed, so that it can be repaired.
 */
import { readFileSync, renameSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { isFileError } from './files.ts';
import { jsonPieces } from './json-pieces.ts';

export interface JsonStore<T> {
  /** The content of the file when the store was opened; undefined if there was no file or it could not be read. */
  readonly stored: T | undefined;
  /** Does not copy `value`: what changes in it meanwhile may be saved too. Resolves when `value`, or a value that was saved after it, is on the disk, or could not be written, which is logged. */
  save(value: T): Promise<void>;
}

/**
 * @param path The file; its folder is made when the first value is saved.
 *
 * @example
 * const { stored = [], save } = openJsonStore(join(dataDir, 'revoked.json'), StoredRevocations, log);
 * await save([...stored, revocation]);
 */
export function openJsonStore<S extends z.ZodType>(
  path: string,
  schema: S,
  log: Pick<Logger, 'warn'>,
): JsonStore<z.output<S>> {
  let isWriting = false;
  let next: { value: z.output<S>; written: PromiseWithResolvers<void> } | undefined;

  /** Writes one value at a time. Of the values saved meanwhile only the newest is written, and its promise waits for no later one. */
  async function write(): Promise<void> {
    isWriting = true;
    while (next) {
      const { value, written } = next;
      next = undefined;
      await replaceFile(path, jsonPieces(value)).catch((error: unknown) =>
        log.warn({ err: error }, `${path} could not be written`),
      );
      written.resolve();
    }
    isWriting = false;
  }

  return {
    stored: readFile(path, schema, log),
    save(value) {
      const { written } = next ?? { written: Promise.withResolvers<void>() };
      next = { value, written };
      if (!isWriting) void write();
      return written.promise;
    },
  };
}

function readFile<S extends z.ZodType>(path: string, schema: S, log: Pick<Logger, 'warn'>): z.output<S> | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    if (isFileError(error) && error.code === 'ENOENT') return undefined;
    const renamed = renameUnreadable(path) ? `: it is now ${path}.unreadable` : '';
    log.warn({ err: error }, `${path} could not be read${renamed}`);
    return undefined;
  }
}

function renameUnreadable(path: string): boolean {
  try {
    renameSync(path, `${path}.unreadable`);
    return true;
  } catch {
    return false;
  }
}

async function replaceFile(path: string, pieces: Iterable<string>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, pieces, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}
