/**
 * mediasoup's media worker, a native program that its npm package does not contain. In this order: the one that is there,
 * the one in the cache, upstream's prebuilt one by download, one built from the C++ source that the package does contain.
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

/** A firewall may swallow a request without a word. */
const DOWNLOAD_WITHIN_MS = 45_000;

/** @returns {import('./setup.mjs').Need} */
export function workerNeed(/** @type {Setup} */ setup) {
  const { environment, signal } = setup;
  return {
    title: "getting mediasoup's media worker",
    usually: 'some seconds where it can be downloaded, else about 4 min of compiling, once',
    isMet: () => runs(environment.MEDIASOUP_WORKER_BIN || workerBinary),
    meet: async (report) => {
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

/** What a cached worker was made for and from: mediasoup's version, our recipe, this kind of machine. */
async function kind() {
  const { version } = JSON.parse(await readFile(join(mediasoup, 'package.json'), 'utf8'));
  return [version, await recipeFingerprint(), platform].join('-');
}

/** Started by anyone but mediasoup a worker that loads ends with this code. */
const NOT_MY_FATHER = 41;

async function runs(/** @type {string} */ binary) {
  const error = await run(binary, [], { env: {}, timeoutMs: 5000 }).catch((reason) => reason);
  return error instanceof RunError && error.code === NOT_MY_FATHER;
}

/** Tries mediasoup's own install script, whose other way (a build that downloads all it needs) is barred. */
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
