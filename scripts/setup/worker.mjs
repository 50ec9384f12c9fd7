/**
 * Gets mediasoup's media worker, a native program that its npm package does not contain. In this order: the installed one, the one in
 * the cache, a download of the project's prebuilt one, a build of the C++ source that the package contains.
 */
import { chmod, copyFile, mkdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheDir, platform, repository, workerBinary } from '../places.mjs';
import { make, withScratch } from './cache.mjs';
import { usableNode } from './node.mjs';
import { RunError, run } from './run.mjs';
import { buildWorker, recipeFingerprint } from './worker-build.mjs';

/** @typedef {import('./setup.mjs').Setup} Setup */

const mediasoup = join(repository, 'node_modules/mediasoup');
const NAME = 'mediasoup-worker';

/** A firewall may drop the request without an answer. */
const DOWNLOAD_WITHIN_MS = 45_000;

/** @returns {import('./setup.mjs').SetupStep} */
export function workerStep(/** @type {Setup} */ setup) {
  const { environment, signal } = setup;
  return {
    title: "getting mediasoup's media worker",
    usually: 'some seconds where it can be downloaded, else about 4 min of compiling, once',
    isDone: () => runs(environment.MEDIASOUP_WORKER_BIN || workerBinary),
    run: async (report) => {
      const folder = join(cacheDir(environment), `${NAME}-${await kind()}`);
      const cached = join(folder, NAME);
      if (!(await runs(cached))) {
        await make(folder, async (part) => {
          report('asking for the prebuilt one');
          if (await downloaded(setup)) return copyFile(workerBinary, join(part, NAME));
          await withScratch(`${folder}.build`, async (scratch) =>
            copyFile(await buildWorker(setup, scratch, report), join(part, NAME)),
          );
        });
      }
      signal.throwIfAborted();
      await install(cached);
    },
  };
}

/** Identifies a cached worker: mediasoup's version, the build recipe, the kind of machine. */
async function kind() {
  const { version } = JSON.parse(await readFile(join(mediasoup, 'package.json'), 'utf8'));
  return [version, await recipeFingerprint(), platform].join('-');
}

/** The exit code of a working worker that was started without MEDIASOUP_VERSION. */
const NO_VERSION_EXIT_CODE = 41;

async function runs(/** @type {string} */ binary) {
  const error = await run(binary, [], { env: {}, timeoutMs: 5000 }).catch((reason) => reason);
  return error instanceof RunError && error.code === NO_VERSION_EXIT_CODE;
}

/** Runs mediasoup's install script, without Python, so that it downloads a worker and never builds one. */
async function downloaded(/** @type {Setup} */ { environment, signal }) {
  const env = { ...environment, PYTHON: '/bin/false', MEDIASOUP_WORKER_BIN: '' };
  try {
    await run(usableNode(), ['npm-scripts.mjs', 'postinstall'], {
      cwd: mediasoup,
      env,
      signal,
      timeoutMs: DOWNLOAD_WITHIN_MS,
    });
    return await runs(workerBinary);
  } catch (error) {
    if (error instanceof RunError) return false;
    throw error;
  }
}

async function install(/** @type {string} */ binary) {
  await mkdir(dirname(workerBinary), { recursive: true });
  const next = `${workerBinary}.next`;
  await copyFile(binary, next);
  await chmod(next, 0o755);
  await rename(next, workerBinary);
}
