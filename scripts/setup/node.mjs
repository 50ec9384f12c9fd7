/** Which Node runs Booth: it needs one that runs TypeScript as it is. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { glibcVersion, repository } from '../places.mjs';
import { SetupError } from './error.mjs';

const OLDEST = [22, 18];

/** Node 22 as an npm package, which is installed with the other dependencies where there is one; it needs glibc. */
const ours = join(repository, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin/node');

export function usableNode({ version = process.versions.node, path = process.execPath, packaged = ours } = {}) {
  if (existsSync(packaged) && glibcVersion) return packaged;
  if (isRecent(version)) return path;
  throw new SetupError(
    `Booth runs on Node ${OLDEST.join('.')} or newer, and this is ${version}.`,
    'Install a newer one from your system or https://nodejs.org, or let "npm install" install the optional dependencies.',
  );
}

export function isRecent(/** @type {string} */ version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
