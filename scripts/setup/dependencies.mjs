/** Installs the npm packages that the lock file names, without running any package's scripts. */
import { existsSync, readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withScratch } from '../../engine/setup/cache.mjs';
import { SetupError } from '../../engine/setup/error.mjs';
import { CHECK_NPM, npm, npmFailureReason } from '../../engine/setup/npm.mjs';
import { RunError } from '../../engine/setup/run.mjs';
import { cacheDir, glibcVersion, repository } from '../places.mjs';
import { isRecent, packagedNode } from './node.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, dev?: boolean, optional?: boolean, devOptional?: boolean,
 *   os?: Names, cpu?: Names, libc?: Names }} LockedPackage
 */
/** @typedef {string | readonly string[]} Names */
/** @typedef {{ packages?: Readonly<Record<string, LockedPackage>> }} LockFile */
/** @typedef {{ os: string, cpu: string, libc: string }} Host */

/** @returns {import('./setup.mjs').SetupStep} */
export function dependenciesStep(/** @type {import('./setup.mjs').Setup} */ { environment, signal }, withDev = false) {
  return {
    title: 'installing the dependencies',
    usually: 'about half a minute',
    isDone: () => isInstalled({ withDev }),
    run: async () => {
      const install = (env = { ...environment }) =>
        npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', ...(withDev ? ['--include=dev'] : [])], {
          signal,
          cwd: repository,
          env,
        });
      try {
        await install();
        // npm leaves out what is for a newer Node than runs it (Debian 12 has 18). Among what it installed is one that is new enough.
        if (!isInstalled({ withDev }) && existsSync(packagedNode) && !isRecent(process.versions.node))
          await withScratch(join(cacheDir(environment), 'node-for-npm'), async (folder) => {
            // A second installation removes the first.
            await copyFile(packagedNode, join(folder, 'node'));
            await install({ ...environment, PATH: `${folder}:${environment.PATH ?? '/usr/bin:/bin'}` });
          });
      } catch (error) {
        if (!(error instanceof RunError)) throw error;
        throw new SetupError(`The dependencies could not be installed.\n${npmFailureReason(error)}`, CHECK_NPM);
      }
    },
  };
}

/** Compares the lock file with npm's record of what it installed, so that a plain `npm install` counts as well. */
function isInstalled({ withDev = false }) {
  const wanted = lockFile('package-lock.json');
  const installed = lockFile('node_modules/.package-lock.json');
  if (!wanted || !installed) return false;
  const needed = neededPackages(wanted, { withDev, host: thisHost() });
  return isSame(needed, installed) && needed.every(([path]) => existsSync(join(repository, path, 'package.json')));
}

/** @returns {LockFile | undefined} */
function lockFile(/** @type {string} */ name) {
  try {
    return JSON.parse(readFileSync(join(repository, name), 'utf8'));
  } catch {
    return undefined;
  }
}

/** The packages that must be installed on this kind of machine; others may be. */
export function neededPackages(
  /** @type {LockFile} */ { packages = {} },
  /** @type {{ withDev: boolean, host: Host }} */ { withDev, host },
) {
  return Object.entries(packages).filter(
    ([path, locked]) => path !== '' && (withDev || !(locked.dev || locked.devOptional)) && isNeededOn(host, locked),
  );
}

/** An optional package for every kind of machine is a fallback (WebAssembly), which npm may leave out. */
function isNeededOn(/** @type {Host} */ host, /** @type {LockedPackage} */ { optional, os, cpu, libc }) {
  if (optional && !os && !cpu) return false;
  return allows(os, host.os) && allows(cpu, host.cpu) && allows(libc, host.libc);
}

/** As in package.json: a list of names, or of names that are not allowed (`!win32`). */
function allows(/** @type {Names | undefined} */ names, /** @type {string} */ value) {
  if (!names) return true;
  const list = [names].flat();
  if (list.includes('any')) return true;
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.every((name) => name.startsWith('!'));
}

/** @param {readonly [path: string, locked: LockedPackage][]} needed */
export function isSame(needed, /** @type {LockFile} */ { packages = {} }) {
  return needed.every(([path, { version, integrity }]) => {
    const there = packages[path];
    return there?.version === version && (!integrity || there?.integrity === integrity);
  });
}

/** @returns {Host} */
function thisHost() {
  const libc = process.platform === 'linux' ? (glibcVersion ? 'glibc' : 'musl') : '';
  return { os: process.platform, cpu: process.arch, libc };
}
