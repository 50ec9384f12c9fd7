/** Downloads mediasoup's prebuilt media worker, and unpacks it only where its hash is the expected one. */
import { createHash } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { withScratch } from '../../engine/setup/cache.mjs';
import { SetupError } from '../../engine/setup/error.mjs';
import { run } from '../../engine/setup/run.mjs';

const RELEASES = 'https://github.com/versatica/mediasoup/releases/download';
/** A firewall may drop the request without an answer. */
const WITHIN_MS = 120_000;

/** mediasoup's name for the archive of this kind of machine. */
export const archiveName = (/** @type {string} */ version) => {
  const kernel = process.platform === 'linux' ? `-kernel${release().split('.')[0]}` : '';
  return `mediasoup-worker-${version}-${process.platform}-${process.arch}${kernel}.tgz`;
};

/**
 * @param {import('./setup.mjs').Setup} setup
 * @param {{ version: string, sha256: string, into: string }} what `sha256` of the archive, in hexadecimal digits, as GitHub shows it
 *   beside the release's files; `into` is a folder, which exists
 * @throws {SetupError} where it cannot be reached, or is another one
 */
export async function downloadPrebuilt({ environment, signal }, { version, sha256, into }) {
  const base = environment.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL ?? RELEASES;
  const url = `${base}/${version}/${archiveName(version)}`;
  const archive = await download(url, AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]));
  signal.throwIfAborted();
  const found = createHash('sha256').update(archive).digest('hex');
  if (found !== sha256.toLowerCase()) {
    throw new SetupError(
      `${url} is not the file that BOOTH_WORKER_SHA256 names: its SHA-256 is ${found}, not ${sha256}.`,
      'Compare both with the hash beside the release. Without BOOTH_WORKER_SHA256 the worker is built from its source.',
    );
  }
  await withScratch(`${into}.tgz`, async (scratch) => {
    const file = join(scratch, 'worker.tgz');
    await writeFile(file, archive);
    await run('tar', ['-xzf', file, '-C', into, '--no-same-owner', 'mediasoup-worker'], { signal });
    await chmod(join(into, 'mediasoup-worker'), 0o755);
  });
}

async function download(/** @type {string} */ url, /** @type {AbortSignal} */ signal) {
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    throw new SetupError(
      `mediasoup's prebuilt media worker could not be downloaded from ${url} (${error instanceof Error ? error.message : error}).`,
      'Is the network there? Without BOOTH_WORKER_SHA256 the worker is built from its source.',
    );
  }
}
