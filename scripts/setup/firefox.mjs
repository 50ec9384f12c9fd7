/** Finds or fetches a Firefox for the tests: the one that `FIREFOX_PATH` names, the system's, or Debian's unpacked in the cache. */
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { make } from '../../engine/setup/cache.mjs';
import { unpackDebian } from '../../engine/setup/debian.mjs';
import { firefoxPackages, firefoxRoot } from '../places.mjs';
import { fontsConfiguration } from './fonts.mjs';
import { findProgram, isProgram } from './programs.mjs';

/** @typedef {import('../places.mjs').Environment} Environment */

const START = 'start-firefox';

/** @returns {import('./setup.mjs').SetupStep} */
export function firefoxStep(/** @type {import('./setup.mjs').Setup} */ setup) {
  const root = firefoxRoot(setup.environment);
  return {
    title: 'fetching Firefox for the tests',
    usually: 'about 1 min',
    isDone: () => findFirefox(setup.environment) !== undefined,
    run: (report) =>
      make(root, async (part) => {
        await unpackDebian(setup, firefoxPackages, part, { report });
        await writeFile(join(part, 'fonts.conf'), fontsConfiguration(root));
        await writeFile(join(part, START), startScript(root));
        await chmod(join(part, START), 0o755);
      }),
  };
}

/** The path of the Firefox to start; undefined where there is none. */
export function findFirefox(/** @type {Environment} */ environment) {
  if (environment.FIREFOX_PATH) return environment.FIREFOX_PATH;
  const onSystem = findProgram(environment, ['firefox-esr', 'firefox']);
  return onSystem ?? [join(firefoxRoot(environment), START)].find(isProgram);
}

const startScript = (/** @type {string} */ root) => `#!/bin/sh
export LD_LIBRARY_PATH='${root}/libraries'
export FONTCONFIG_FILE='${root}/fonts.conf'
exec '${root}/usr/lib/firefox-esr/firefox-esr' "$@"
`;
