/** Finds or fetches a Redis server for the tests: the system's, or Debian's unpacked in the cache. */
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { make } from '../../engine/setup/cache.mjs';
import { unpackDebian } from '../../engine/setup/debian.mjs';
import { redisPackages, redisRoot } from '../places.mjs';
import { findProgram, isProgram } from './programs.mjs';

/** @typedef {import('../places.mjs').Environment} Environment */

const START = 'start-redis-server';

/** @returns {import('./setup.mjs').SetupStep} */
export function redisStep(/** @type {import('./setup.mjs').Setup} */ setup) {
  const root = redisRoot(setup.environment);
  return {
    title: 'fetching a Redis server for the tests',
    usually: 'some seconds',
    isDone: () => findRedis(setup.environment) !== undefined,
    run: (report) =>
      make(root, async (part) => {
        await unpackDebian(setup, redisPackages, part, { report });
        await writeFile(join(part, START), startScript(root));
        await chmod(join(part, START), 0o755);
      }),
  };
}

/** The path of the Redis server to start; undefined where there is none. */
export function findRedis(/** @type {Environment} */ environment) {
  return (
    findProgram(environment, ['redis-server', 'valkey-server']) ?? [join(redisRoot(environment), START)].find(isProgram)
  );
}

const startScript = (/** @type {string} */ root) => `#!/bin/sh
export LD_LIBRARY_PATH='${root}/libraries'
exec '${root}/usr/bin/redis-server' "$@"
`;
