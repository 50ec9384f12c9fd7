/** Finds programs that are installed on the system. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** @typedef {import('../places.mjs').Environment} Environment */

const SYSTEM_FOLDERS = ['/usr/bin', '/usr/sbin'];

/** The path of the first of some programs that is installed; undefined where none is. */
export function findProgram(/** @type {Environment} */ environment, /** @type {readonly string[]} */ names) {
  const folders = [...(environment.PATH ?? '').split(':'), ...SYSTEM_FOLDERS].filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

export function isProgram(/** @type {string} */ file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
