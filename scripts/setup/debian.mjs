/**
 * Debian's packages without installing them: they are fetched with apt's own checks (signatures, hashes) and unpacked below
 * a folder, with all they depend on but the C library, so that neither root nor the system's state plays a part.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { cacheDir } from '../places.mjs';
import { SetupError } from './error.mjs';
import { RunError, run } from './run.mjs';

/** Programs below a folder use the system's, as it must match the loader. */
const C_LIBRARY = 'libc6';

/** @typedef {import('./setup.mjs').Setup} Setup */

/**
 * @param {Setup} setup
 * @param {readonly string[]} packages
 * @param {string} root a folder, which exists
 * @param {{ report: import('./progress.mjs').Report, cLibrary?: boolean }} options `cLibrary`: unpack that too, to be
 *   linked with; it is not among the folder's `libraries`.
 */
export async function unpackDebian(setup, packages, root, { report, cLibrary = false }) {
  requireApt(packages);
  const apt = join(cacheDir(setup.environment), 'apt');
  const archives = join(apt, 'cache/archives');
  await prepareApt(apt);
  await fetchPackages(setup, apt, packages, report);
  const files = (await readdir(archives)).filter((file) => file.endsWith('.deb'));
  const unpack = (/** @type {string} */ file) =>
    run('dpkg-deb', ['-x', join(archives, file), root], { signal: setup.signal });
  const ours = files.filter((file) => packageOf(file) !== C_LIBRARY);
  for (const [done, file] of ours.entries()) {
    report(`unpacking ${done + 1}/${ours.length}`);
    await unpack(file);
  }
  await gatherLibraries(root);
  if (cLibrary) for (const file of files) if (packageOf(file) === C_LIBRARY) await unpack(file);
  await rm(archives, { recursive: true, force: true });
}

/** `libc6_2.36-9+deb12u10_amd64.deb` → `libc6` */
export const packageOf = (/** @type {string} */ file) => file.slice(0, file.indexOf('_'));

function requireApt(/** @type {readonly string[]} */ packages) {
  const found = (/** @type {string} */ program) => existsSync(`/usr/bin/${program}`);
  if (found('apt-get') && found('dpkg-deb')) return;
  throw new SetupError(
    `This system has no apt, and Booth takes ${packages.join(', ')} from Debian's packages.`,
    'Use Debian 12 or newer, Ubuntu 24.04 or newer, or the Dockerfile.',
  );
}

/**
 * apt with a state of its own, in which nothing is installed: so it needs no root, disturbs nobody, and names all that a
 * package depends on whatever this system happens to have.
 */
export const aptOptions = (/** @type {string} */ apt) =>
  Object.entries({
    'Dir::State': join(apt, 'state'),
    'Dir::State::Lists': join(apt, 'state/lists'),
    'Dir::State::status': join(apt, 'state/status'),
    'Dir::Cache': join(apt, 'cache'),
    'Dir::Log': join(apt, 'log'),
    'APT::Sandbox::User': '',
    'APT::Install-Recommends': 'false',
    'APT::Status-Fd': '1',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
  }).flatMap(([key, value]) => ['-o', `${key}=${value}`]);

async function prepareApt(/** @type {string} */ apt) {
  await mkdir(join(apt, 'state/lists/partial'), { recursive: true });
  await mkdir(join(apt, 'cache/archives/partial'), { recursive: true });
  await mkdir(join(apt, 'log'), { recursive: true });
  await writeFile(join(apt, 'state/status'), '');
}

async function fetchPackages(
  /** @type {Setup} */ { signal },
  /** @type {string} */ apt,
  /** @type {readonly string[]} */ packages,
  /** @type {import('./progress.mjs').Report} */ report,
) {
  const get = (/** @type {string[]} */ ...command) =>
    run('apt-get', ['-q', ...aptOptions(apt), ...command], {
      signal,
      onLine: (line) => {
        const percent = downloaded(line);
        if (percent !== undefined) report(`fetching ${percent} %`);
      },
    });
  report('reading the lists of packages');
  // One source that cannot be reached (a vendor's, say) is no reason to stop: what matters is whether the packages come.
  const update = await get('update').catch((error) => {
    if (error instanceof RunError) return error;
    throw error;
  });
  try {
    await get('install', '--download-only', '--yes', ...packages);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    const why = update instanceof RunError ? `${update.message}\n${error.message}` : error.message;
    throw new SetupError(
      `Debian's packages ${packages.join(', ')} could not be fetched.\n${why}`,
      'Is the network there, and does "apt-get update" work on this machine? Then try again: what was fetched is kept.',
    );
  }
}

/** The percentage in a line of apt's status, if it is one. */
export function downloaded(/** @type {string} */ line) {
  const percent = /^dlstatus:\d+:([\d.]+):/.exec(line)?.[1];
  return percent === undefined ? undefined : Math.round(Number(percent));
}

/**
 * All shared libraries below the root as links in one folder, wherever their packages put them, so that one LD_LIBRARY_PATH
 * finds them.
 */
async function gatherLibraries(/** @type {string} */ root) {
  const folder = join(root, 'libraries');
  await mkdir(folder);
  const linked = new Set();
  for (const below of ['usr/lib', 'lib']) {
    const entries = await readdir(join(root, below), { withFileTypes: true, recursive: true }).catch(() => []);
    for (const { name, parentPath } of entries) {
      if (!isLibrary(name) || linked.has(name)) continue;
      linked.add(name);
      await symlink(relative(folder, join(parentPath, name)), join(folder, name));
    }
  }
}

/** `libicui18n.so.72.1`, and not a plug-in like `cc1plus.so` */
export const isLibrary = (/** @type {string} */ name) => /^lib[\w.+-]*\.so(\.[\d.]+)?$/.test(name);
