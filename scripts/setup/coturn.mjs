/** Finds or fetches a TURN server for the tests: the system's coturn, or Debian's unpacked in the cache. */
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { make } from '../../engine/setup/cache.mjs';
import { unpackDebian } from '../../engine/setup/debian.mjs';
import { coturnPackages, coturnRoot } from '../places.mjs';
import { findProgram, isProgram } from './programs.mjs';

/** @typedef {import('../places.mjs').Environment} Environment */

const START = 'start-turnserver';

/** @returns {import('./setup.mjs').SetupStep} */
export function coturnStep(/** @type {import('./setup.mjs').Setup} */ setup) {
  const root = coturnRoot(setup.environment);
  return {
    title: 'fetching a TURN server for the tests',
    usually: 'some seconds',
    isDone: () => findCoturn(setup.environment) !== undefined,
    run: (report) =>
      make(root, async (part) => {
        await unpackDebian(setup, coturnPackages, part, { report });
        await writeFile(join(part, START), startScript(root));
        await chmod(join(part, START), 0o755);
      }),
  };
}

/** The path of the coturn to start; undefined where there is none. */
export function findCoturn(/** @type {Environment} */ environment) {
  return findProgram(environment, ['turnserver']) ?? [join(coturnRoot(environment), START)].find(isProgram);
}

const startScript = (/** @type {string} */ root) => `#!/bin/sh
export LD_LIBRARY_PATH='${root}/libraries'
exec '${root}/usr/bin/turnserver' "$@"
`;
