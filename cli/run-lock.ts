/** One process at a time: a file holds the id of the process that works. The file of a process that has died counts for nothing. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isFileError } from './files.ts';

/**
 * Takes the lock at `file`, which is removed to release it.
 *
 * @returns undefined where it was taken, else the id of the process that has it; NaN where that is only just writing it
 * @throws the file system's errors
 */
export function takeLock(file: string): number | undefined {
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return undefined;
    } catch (error) {
      if (!isFileError(error)) throw error;
      if (error.code !== 'EEXIST') {
        // It would lock out everybody, where it was made and the disk had no room for the id.
        rmSync(file, { force: true });
        throw error;
      }
    }
    const holder = holderOf(file);
    if (holder === undefined) continue;
    if (Number.isNaN(holder) || isAnother(holder)) return holder;
    rmSync(file, { force: true });
  }
}

/** Undefined where the lock was released meanwhile. */
function holderOf(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10);
  } catch (error) {
    if (isFileError(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The process with this id runs, and is not this one. */
function isAnother(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isFileError(error) && error.code === 'EPERM';
  }
}
