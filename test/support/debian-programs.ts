/** Programs of Debian's packages, unpacked once into the cache folder and not installed on the system: servers that stand beside Booth. */
import { join } from 'node:path';
import { isMade, make } from '../../engine/setup/cache.mjs';
import { unpackDebian } from '../../engine/setup/debian.mjs';
import { withLock } from '../../engine/setup/lock.mjs';
import { cacheDir, debianEnvironment, debianRoot } from '../../engine/setup/places.mjs';

export interface DebianPrograms {
  /** The folder below which the packages are unpacked. */
  root: string;
  /** The variables with which a program of them finds its libraries and the others. */
  env: Record<string, string>;
  /** The path of a program below the root: `usr/bin/caddy`. */
  path(program: string): string;
}

/** @param packages names of Debian's packages; what they depend on is unpacked, too */
export async function debianPrograms(packages: readonly string[]): Promise<DebianPrograms> {
  const root = debianRoot(process.env, packages.join('-'), packages);
  const setup = { environment: process.env, signal: AbortSignal.timeout(900_000) };
  await withLock(join(cacheDir(process.env), 'lock'), { signal: setup.signal, onWait: () => {} }, async () => {
    if (!isMade(root)) await make(root, (part) => unpackDebian(setup, packages, part, { report: () => {} }));
  });
  return { root, env: debianEnvironment(process.env, root), path: (program) => join(root, program) };
}
