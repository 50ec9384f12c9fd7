/** Finds or fetches a Chromium for the tests: the one that `CHROME_PATH` names, the system's, or Debian's unpacked in the cache. */
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { make } from '../../engine/setup/cache.mjs';
import { unpackDebian } from '../../engine/setup/debian.mjs';
import { SetupError } from '../../engine/setup/error.mjs';
import { chromiumPackages, chromiumRoot } from '../places.mjs';
import { fontsConfiguration } from './fonts.mjs';
import { findProgram, isProgram } from './programs.mjs';

/** @typedef {import('../places.mjs').Environment} Environment */

const SYSTEM = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const START = 'start-chromium';

/** @returns {import('./setup.mjs').SetupStep} */
export function chromiumStep(/** @type {import('./setup.mjs').Setup} */ setup) {
  const root = chromiumRoot(setup.environment);
  return {
    title: 'fetching Chromium for the tests',
    usually: 'about 1 min',
    isDone: () => {
      const { CHROME_PATH: named } = setup.environment;
      if (named && !isProgram(named)) {
        throw new SetupError(`CHROME_PATH names ${named}, which is no program.`, 'Correct it, or leave it unset.');
      }
      return findChromium(setup.environment) !== undefined;
    },
    run: (report) =>
      make(root, async (part) => {
        await unpackDebian(setup, chromiumPackages, part, { report });
        await writeFile(join(part, 'fonts.conf'), fontsConfiguration(root));
        await writeFile(join(part, START), startScript(root));
        await chmod(join(part, START), 0o755);
      }),
  };
}

/** The path of the Chromium to start; undefined where there is none. */
export function findChromium(/** @type {Environment} */ environment) {
  if (environment.CHROME_PATH) return environment.CHROME_PATH;
  return findProgram(environment, SYSTEM) ?? [join(chromiumRoot(environment), START)].find(isProgram);
}

const startScript = (/** @type {string} */ root) => `#!/bin/sh
export LD_LIBRARY_PATH='${root}/libraries'
export FONTCONFIG_FILE='${root}/fonts.conf'
exec '${root}/usr/lib/chromium/chromium' "$@"
`;
