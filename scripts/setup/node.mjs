/** Finds the Node that runs Booth: it must be able to run TypeScript without a build. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../../engine/setup/error.mjs';
import { glibcVersion, repository } from '../places.mjs';

const MIN_VERSION = [22, 18];

/** Node 22 as an npm package, an optional dependency that exists for some platforms and needs glibc. */
export const packagedNode = join(repository, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin/node');

export function usableNode({ version = process.versions.node, path = process.execPath, packaged = packagedNode } = {}) {
  if (existsSync(packaged) && glibcVersion) return packaged;
  if (isRecent(version)) return path;
  throw new SetupError(
    `Booth runs on Node ${MIN_VERSION.join('.')} or newer, and this is ${version}.`,
    'Install a newer one from your system or https://nodejs.org, or let "npm install" install the optional dependencies.',
  );
}

export function isRecent(/** @type {string} */ version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [minMajor = 0, minMinor = 0] = MIN_VERSION;
  return major > minMajor || (major === minMajor && minor >= minMinor);
}
