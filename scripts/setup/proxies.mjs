/** Fetches the proxies behind which the tests put a server: Debian's nginx and haproxy, unpacked in the cache. */
import { isMade, make } from '../../engine/setup/cache.mjs';
import { unpackDebian } from '../../engine/setup/debian.mjs';
import { proxyPackages, proxyRoot } from '../places.mjs';

/** @returns {import('./setup.mjs').SetupStep} */
export function proxiesStep(/** @type {import('./setup.mjs').Setup} */ setup) {
  const root = proxyRoot(setup.environment);
  return {
    title: 'fetching nginx and haproxy for the tests',
    usually: 'about 10 s',
    isDone: () => isMade(root),
    run: (report) => make(root, (part) => unpackDebian(setup, proxyPackages, part, { report })),
  };
}
