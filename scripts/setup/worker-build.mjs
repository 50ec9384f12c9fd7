/**
 * Builds mediasoup-worker from the C++ source in the mediasoup package. Libraries and tools that its own build would download come from
 * Debian, unpacked in a temporary folder: no compiler needs to be installed, and the result depends on the C library alone.
 */
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unpackDebian, unpackDebianSource } from '../../engine/setup/debian.mjs';
import { SetupError } from '../../engine/setup/error.mjs';
import { RunError, run } from '../../engine/setup/run.mjs';
import { debianEnvironment, fingerprint, repository, triplet } from '../places.mjs';
import { EDITS, LIBRARIES, MESON_OPTIONS, SRTP, TOOLS } from '../worker/recipe.mjs';

/** @typedef {import('./setup.mjs').Setup} Setup */

/**
 * How a version of mediasoup is built.
 * @typedef {{ source: string, additions: readonly string[], edits: readonly { file: string, from: string, to: string }[],
 *   libraries: readonly string[], options: readonly string[], firstTargets: readonly string[] }} WorkerRecipe
 *   `source`: the folder `worker` of its package; `additions`: folders that are copied over it, one after the other; `firstTargets`: what
 *   ninja has to make before anything else, where it is not told so
 */

/** OpenSSL's static library needs them from Debian 13 on. Where it does not, nothing of them becomes a part of the worker. */
const COMPRESSION = ['libzstd-dev', 'zlib1g-dev'];

const recipe = fileURLToPath(new URL('../worker', import.meta.url));

/** Of the version that the project runs. @type {WorkerRecipe} */
export const workerRecipe = {
  source: join(repository, 'node_modules/mediasoup/worker'),
  additions: [join(recipe, 'additions')],
  edits: EDITS,
  libraries: LIBRARIES,
  options: MESON_OPTIONS,
  firstTargets: [],
};

/** A fingerprint of the recipe: a worker from another recipe is built again. */
export async function recipeFingerprint() {
  const entries = await readdir(recipe, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(files.sort().map((file) => readFile(file, 'utf8')));
  return fingerprint(texts.join('\n'));
}

/**
 * @param {Setup} setup
 * @param {string} scratch a folder, which exists and is removed by the caller
 * @param {import('./progress.mjs').Report} report
 * @param {WorkerRecipe} [of]
 * @returns {Promise<string>} the binary, in the scratch folder
 */
export async function buildWorker(setup, scratch, report, of = workerRecipe) {
  const tools = join(scratch, 'tools');
  const source = join(scratch, 'source');
  const build = join(scratch, 'build');
  await mkdir(tools);
  await unpackDebian(setup, [...TOOLS, ...of.libraries, ...COMPRESSION], tools, { report, cLibrary: true });
  await copySource(of, source);
  const srtp = join(source, 'subprojects', SRTP);
  await mkdir(srtp);
  await unpackDebianSource(setup, SRTP, srtp, report);

  const env = buildEnvironment(setup.environment, tools);
  const inTools = (/** @type {string} */ program) => join(tools, 'usr/bin', program);
  const options = { env, signal: setup.signal };
  try {
    report('configuring');
    await run(inTools('python3'), [inTools('meson'), 'setup', ...of.options, build, source], options);
    const ninja = (/** @type {string} */ target, /** @type {import('../../engine/setup/run.mjs').RunOptions} */ how) =>
      run(inTools('ninja'), ['-C', build, '-j', String(availableParallelism()), target], how);
    for (const target of of.firstTargets) await ninja(target, options);
    await ninja('mediasoup-worker', {
      ...options,
      onLine: (line) => {
        const percent = compiled(line);
        if (percent !== undefined) report(`compiling ${percent} %`);
      },
    });
    await run(inTools('strip'), [join(build, 'mediasoup-worker')], options);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    throw new SetupError(
      `mediasoup's media worker could not be built.\n${error.because(/\berror: |ERROR|cannot find |^FAILED/)}`,
      'Is there enough space (1 GB in the cache folder) and memory (2 GB)? A worker that you have goes by MEDIASOUP_WORKER_BIN=/path/to/mediasoup-worker.',
    );
  }
  return join(build, 'mediasoup-worker');
}

/** With these variables the tools find each other, their libraries and headers below `tools` alone, and nothing of the system's. */
function buildEnvironment(/** @type {import('../places.mjs').Environment} */ environment, /** @type {string} */ tools) {
  return {
    HOME: environment.HOME,
    TMPDIR: environment.TMPDIR,
    ...debianEnvironment({ PATH: '/usr/bin:/bin' }, tools),
    PYTHONHOME: `${tools}/usr`,
    PYTHONPATH: `${tools}/usr/lib/python3/dist-packages`,
    CC: `gcc --sysroot=${tools}`,
    CXX: `g++ --sysroot=${tools}`,
    PKG_CONFIG_SYSROOT_DIR: tools,
    PKG_CONFIG_LIBDIR: `${tools}/usr/lib/${triplet}/pkgconfig:${tools}/usr/share/pkgconfig`,
  };
}

async function copySource(/** @type {WorkerRecipe} */ of, /** @type {string} */ source) {
  const left = new Set(['out', 'subprojects'].map((name) => join(of.source, name)));
  await cp(of.source, source, { recursive: true, filter: (file) => !left.has(file) });
  for (const folder of of.additions) await cp(folder, source, { recursive: true });
  for (const { file, from, to } of of.edits) {
    const path = join(source, file);
    await writeFile(path, edited(await readFile(path, 'utf8'), from, to, file));
  }
}

/** @throws {SetupError} where `from` is not in the text: then the edit may no longer be right */
export function edited(
  /** @type {string} */ text,
  /** @type {string} */ from,
  /** @type {string} */ to,
  /** @type {string} */ file,
) {
  if (!text.includes(from)) {
    throw new SetupError(
      `This version of mediasoup has another ${file}: it does not contain "${from}".`,
      'Install the version that package-lock.json names: npm ci.',
    );
  }
  return text.replace(from, to);
}

/** The percentage in one of ninja's lines: `[12/279] Compiling …` */
export function compiled(/** @type {string} */ line) {
  const [, done, all] = /^\[(\d+)\/(\d+)\]/.exec(line) ?? [];
  return done === undefined ? undefined : Math.floor((100 * Number(done)) / Number(all));
}
