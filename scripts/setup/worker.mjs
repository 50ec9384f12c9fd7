/**
 * Gets mediasoup's media worker, a native program that its npm package does not contain, and that parses what strangers send. It is
 * built from the C++ source in the package, against Debian's libraries (where there is no apt: by mediasoup's own build), unless the hash of the project's prebuilt one is known: a
 * download that nobody vouches for is never run. A worker that was built with older libraries than Debian offers now is built again.
 */
import { chmod, copyFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { candidateVersions, hasApt } from '../../engine/setup/apt.mjs';
import { isMade, make, withScratch } from '../../engine/setup/cache.mjs';
import { RunError, run } from '../../engine/setup/run.mjs';
import { cacheDir, fingerprint, platform, repository, workerBinary, workerManifest } from '../places.mjs';
import { LIBRARIES, SRTP } from '../worker/recipe.mjs';
import { downloadPrebuilt } from './prebuilt-worker.mjs';
import { buildUpstreamWorker } from './upstream-worker.mjs';
import { buildWorker, recipeFingerprint } from './worker-build.mjs';

/** @typedef {import('./setup.mjs').Setup} Setup */

/**
 * What a worker was made of, kept beside it.
 * @typedef {{ mediasoup: string, madeAt: string, prebuilt?: string, libraries?: Record<string, string> }} WorkerManifest
 *   `prebuilt` is the hash of the download, `libraries` Debian's versions of what is linked in, by package
 */

const mediasoup = join(repository, 'node_modules/mediasoup');
const NAME = 'mediasoup-worker';
const MANIFEST = 'manifest.json';
/** The packages whose code becomes a part of the worker. */
const LINKED = [...LIBRARIES, `${SRTP}-dev`];

/** @returns {import('./setup.mjs').SetupStep} */
export function workerStep(/** @type {Setup} */ setup) {
  const { environment, signal } = setup;
  return {
    title: "getting mediasoup's media worker",
    usually: 'about 4 min of compiling, once',
    isDone: () => runs(environment.MEDIASOUP_WORKER_BIN || workerBinary),
    run: async (report) => {
      const made = environment.BOOTH_WORKER_SHA256
        ? await prebuilt(setup, environment.BOOTH_WORKER_SHA256, report)
        : await built(setup, report);
      signal.throwIfAborted();
      await install(made);
    },
  };
}

/** @returns the folder in the cache */
async function prebuilt(
  /** @type {Setup} */ setup,
  /** @type {string} */ sha256,
  /** @type {import('./progress.mjs').Report} */ report,
) {
  const version = await mediasoupVersion();
  const folder = join(cacheDir(setup.environment), [NAME, version, 'prebuilt', sha256.slice(0, 16)].join('-'));
  if (!(await runs(join(folder, NAME)))) {
    report('downloading the prebuilt one');
    await make(folder, async (part) => {
      await downloadPrebuilt(setup, { version, sha256, into: part });
      await writeManifest(part, { mediasoup: version, prebuilt: sha256 });
    });
  }
  return folder;
}

/** @returns the folder in the cache */
async function built(/** @type {Setup} */ setup, /** @type {import('./progress.mjs').Report} */ report) {
  const version = await mediasoupVersion();
  const cache = cacheDir(setup.environment);
  if (!hasApt()) return builtByMediasoup(setup, version, report);
  const kind = [NAME, version, await recipeFingerprint(), platform].join('-');
  const libraries = await candidateVersions(setup, LINKED, report);
  if (Object.keys(libraries).length < LINKED.length) {
    // Nothing is known of Debian's present versions: a worker that was made before is better than none.
    const last = await newest(cache, kind);
    if (last) return last;
  }
  const folder = join(cache, `${kind}-${fingerprint(JSON.stringify(libraries))}`);
  if (!(await runs(join(folder, NAME)))) {
    await make(folder, (part) =>
      withScratch(`${folder}.build`, async (scratch) => {
        await copyFile(await buildWorker(setup, scratch, report), join(part, NAME));
        await writeManifest(part, { mediasoup: version, libraries });
      }),
    );
  }
  return folder;
}

/** @returns the folder in the cache */
async function builtByMediasoup(
  /** @type {Setup} */ setup,
  /** @type {string} */ version,
  /** @type {import('./progress.mjs').Report} */ report,
) {
  const folder = join(cacheDir(setup.environment), [NAME, version, 'own-build', platform].join('-'));
  if (!(await runs(join(folder, NAME)))) {
    await make(folder, (part) =>
      withScratch(`${folder}.build`, async (scratch) => {
        await copyFile(await buildUpstreamWorker(setup, scratch, report), join(part, NAME));
        await writeManifest(part, { mediasoup: version });
      }),
    );
  }
  return folder;
}

/** The worker of a kind that was made last; undefined where there is none. */
async function newest(/** @type {string} */ cache, /** @type {string} */ kind) {
  const folders = (await readdir(cache)).filter((name) => name.startsWith(`${kind}-`)).map((name) => join(cache, name));
  const made = await Promise.all(
    folders
      .filter((folder) => isMade(join(folder, MANIFEST)))
      .map(async (folder) => ({ folder, madeAt: (await readManifest(join(folder, MANIFEST)))?.madeAt ?? '' })),
  );
  return made.sort((a, b) => b.madeAt.localeCompare(a.madeAt))[0]?.folder;
}

const mediasoupVersion = async () =>
  /** @type {string} */ (JSON.parse(await readFile(join(mediasoup, 'package.json'), 'utf8')).version);

/** The exit code of a working worker that was started without MEDIASOUP_VERSION. */
const NO_VERSION_EXIT_CODE = 41;

async function runs(/** @type {string} */ binary) {
  const error = await run(binary, [], { env: {}, timeoutMs: 5000 }).catch((reason) => reason);
  return error instanceof RunError && error.code === NO_VERSION_EXIT_CODE;
}

const writeManifest = (/** @type {string} */ folder, /** @type {Omit<WorkerManifest, 'madeAt'>} */ of) =>
  writeFile(join(folder, MANIFEST), JSON.stringify({ ...of, madeAt: new Date().toISOString() }));

/** What a worker was made of; undefined where nothing says so, as of one that somebody else put there. */
export async function readManifest(/** @type {string} */ file) {
  try {
    return /** @type {WorkerManifest} */ (JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

async function install(/** @type {string} */ folder) {
  await mkdir(dirname(workerBinary), { recursive: true });
  await copyFile(join(folder, MANIFEST), workerManifest);
  const next = `${workerBinary}.next`;
  await copyFile(join(folder, NAME), next);
  await chmod(next, 0o755);
  await rename(next, workerBinary);
}
