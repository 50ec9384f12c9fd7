/** Runs npm, and unpacks files of npm packages, which it accepts only with the expected hash. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withScratch } from './cache.mjs';
import { downloadErrorCode, SetupError } from './error.mjs';
import { RunError, run } from './run.mjs';

/**
 * @typedef {{ name: string, integrity: string, folder: string }} Source `folder` is the part of the package that is unpacked
 *   (as `package/lib`), `integrity` the hash of the whole package as in a lock file.
 */

/**
 * @param {import('./steps.mjs').Setup} setup
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
    const reason = npmFailureReason(error);
    throw new SetupError(
      `The npm package ${name} could not be fetched.\n${reason}`,
      CHECK_NPM,
      downloadErrorCode(reason),
    );
  }
}

export const CHECK_NPM = 'Is the npm registry reached ("npm ping")? Then try again.';

/** With these, a registry that does not answer is noticed within seconds, instead of npm's two minutes. */
const RETRIES = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=8000'];

export const npm = (/** @type {readonly string[]} */ args, /** @type {import('./run.mjs').RunOptions} */ options) =>
  run('npm', [...args, '--loglevel=error', ...RETRIES], options);

/** Why npm failed, without its stack traces and advice. */
export const npmFailureReason = (/** @type {RunError} */ error) =>
  error.because(/^npm error (?! {2}|}|A complete log)./);
