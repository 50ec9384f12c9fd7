/**
 * A small JSON file that outlives a restart. Readers find the old text or the new one, never a part of it. Where the file cannot be
 * written, the error is logged, and whoever saved is told. What happens where it cannot be read depends on what it is for: a file
 * without which people could enter who must not is left as it is and the program does not start; any other is renamed, so that it can
 * be repaired, and the program goes on without it.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { CommandError } from './errors.ts';
import { fileProblem, isFileError } from './files.ts';
import { jsonPieces } from './json-pieces.ts';

export interface JsonStore<T> {
  /** The content of the file when the store was opened; undefined if there was no file or it could not be read. */
  readonly stored: T | undefined;
  /** Does not copy `value`: what changes in it meanwhile may be saved too. Resolves to whether `value`, or a value that was saved after it, is on the disk; where it is not, that is logged. */
  save(value: T): Promise<boolean>;
}

/**
 * @param path The file; its folder is made when the first value is saved.
 * @param required what follows for people if the program starts without the content of the file, as the end of a sentence; undefined: it
 * may start without
 * @throws {CommandError} where the file is required and cannot be read; the message names it and the remedy
 *
 * @example
 * const { stored = [], save } = openJsonStore(join(dataDir, 'revoked.json'), StoredRevocations, log);
 * await save([...stored, revocation]);
 */
export function openJsonStore<S extends z.ZodType>(
  path: string,
  schema: S,
  log: Pick<Logger, 'warn'>,
  required?: string,
): JsonStore<z.output<S>> {
  let isWriting = false;
  let next: { value: z.output<S>; written: PromiseWithResolvers<boolean> } | undefined;

  /** Writes one value at a time. Of the values saved meanwhile only the newest is written, and its promise waits for no later one. */
  async function write(): Promise<void> {
    isWriting = true;
    while (next) {
      const { value, written } = next;
      next = undefined;
      written.resolve(await replaced(path, jsonPieces(value), log));
    }
    isWriting = false;
  }

  return {
    stored: readFile(path, schema, log, required),
    save(value) {
      const { written } = next ?? { written: Promise.withResolvers<boolean>() };
      next = { value, written };
      if (!isWriting) void write();
      return written.promise;
    },
  };
}

function readFile<S extends z.ZodType>(
  path: string,
  schema: S,
  log: Pick<Logger, 'warn'>,
  required: string | undefined,
): z.output<S> | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    if (isFileError(error) && error.code === 'ENOENT') return undefined;
    if (required !== undefined)
      throw new CommandError(
        `${path} cannot be read (${readProblem(path, error)}), and without it ${required}. Booth does not start: repair the file, or put ` +
          'back a copy of it. If there is none, delete it and run "booth secret --replace", which voids every token and invite.',
      );
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

/** Why a file cannot be read, in one line. */
const readProblem = (path: string, error: unknown): string =>
  isFileError(error) ? fileProblem(path, error).slice(`${path}: `.length) : 'it is not what Booth has written';

async function replaced(path: string, pieces: Iterable<string>, log: Pick<Logger, 'warn'>): Promise<boolean> {
  try {
    await replaceFile(path, pieces);
    return true;
  } catch (error) {
    log.warn({ err: error, path }, 'file could not be written');
    return false;
  }
}

/** Whoever else writes the same file at the same time has a temporary file of its own. */
async function replaceFile(path: string, pieces: Iterable<string>): Promise<void> {
  const temporary = `${path}.${randomUUID()}.new`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await writeFile(temporary, pieces, { mode: 0o600, flush: true, flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
