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

const workerSource = join(repository, 'node_modules/mediasoup/worker');
const recipe = fileURLToPath(new URL('../worker', import.meta.url));

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
 * @returns {Promise<string>} the binary, in the scratch folder
 */
export async function buildWorker(setup, scratch, report) {
  const tools = join(scratch, 'tools');
  const source = join(scratch, 'source');
  const build = join(scratch, 'build');
  await mkdir(tools);
  await unpackDebian(setup, [...TOOLS, ...LIBRARIES], tools, { report, cLibrary: true });
  await copySource(source);
  const srtp = join(source, 'subprojects', SRTP);
  await mkdir(srtp);
  await unpackDebianSource(setup, SRTP, srtp, report);

  const env = buildEnvironment(setup.environment, tools);
  const inTools = (/** @type {string} */ program) => join(tools, 'usr/bin', program);
  const options = { env, signal: setup.signal };
  try {
    report('configuring');
    await run(inTools('python3'), [inTools('meson'), 'setup', ...MESON_OPTIONS, build, source], options);
    await run(inTools('ninja'), ['-C', build, '-j', String(availableParallelism()), 'mediasoup-worker'], {
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

async function copySource(/** @type {string} */ source) {
  const left = new Set(['out', 'subprojects'].map((name) => join(workerSource, name)));
  await cp(workerSource, source, { recursive: true, filter: (file) => !left.has(file) });
  await cp(join(recipe, 'additions'), source, { recursive: true });
  for (const { file, from, to } of EDITS) {
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
