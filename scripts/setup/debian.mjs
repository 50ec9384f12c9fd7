/**
 * Debian's packages without installing them: unpacked below a folder, with all they depend on but the C library, so that
 * neither root nor the system's state plays a part.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fetchPackages, fetchSource } from './apt.mjs';
import { withScratch } from './cache.mjs';
import { run } from './run.mjs';

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
  await withScratch(`${root}.debs`, async (archives) => {
    await fetchPackages(setup, packages, archives, report);
    const files = (await readdir(archives)).filter((file) => file.endsWith('.deb'));
    const unpack = (/** @type {string} */ file) =>
      run('dpkg-deb', ['-x', join(archives, file), root], { signal: setup.signal });
    for (const [done, file] of files.entries()) {
      report(`unpacking ${done + 1}/${files.length}`);
      if (packageOf(file) !== C_LIBRARY) await unpack(file);
    }
    await gatherLibraries(root);
    if (!cLibrary) return;
    for (const file of files) if (packageOf(file) === C_LIBRARY) await unpack(file);
    await mergeUsr(root);
  });
}

/** Where /lib is a link to /usr/lib, that link is in no package, and yet the C library is named by the short path. */
async function mergeUsr(/** @type {string} */ root) {
  for (const name of ['lib', 'lib64']) {
    if (!existsSync(join(root, name))) await symlink(`usr/${name}`, join(root, name));
  }
}

/** Unpacks the source of a package as its authors published it. */
export async function unpackDebianSource(
  /** @type {Setup} */ setup,
  /** @type {string} */ name,
  /** @type {string} */ into,
  /** @type {import('./progress.mjs').Report} */ report,
) {
  await withScratch(`${into}.source`, async (scratch) => {
    await fetchSource(setup, name, scratch, report);
    const archive = (await readdir(scratch)).find((file) => file.includes('.orig.tar.')) ?? '';
    await run('tar', ['-xf', join(scratch, archive), '-C', into, '--strip-components=1', '--no-same-owner'], {
      signal: setup.signal,
    });
  });
}

/** `libc6_2.36-9+deb12u10_amd64.deb` → `libc6` */
export const packageOf = (/** @type {string} */ file) => file.slice(0, file.indexOf('_'));

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
