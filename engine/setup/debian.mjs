/**
 * Unpacks Debian packages into a folder instead of installing them, with all their dependencies but the C library. It needs no root,
 * and does not depend on what the system has installed.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fetchPackages, fetchSource } from './apt.mjs';
import { withScratch } from './cache.mjs';
import { run } from './run.mjs';

/** Unpacked programs use the system's C library, as it must match the loader. */
const C_LIBRARY = 'libc6';

/** A file in the folder: the names of the .deb files whose content is there, one on each line. */
export const PACKAGE_LIST = 'packages.txt';

/** @typedef {import('./steps.mjs').Setup} Setup */

/**
 * @param {Setup} setup
 * @param {readonly string[]} packages
 * @param {string} root a folder, which exists
 * @param {{ report: import('./steps.mjs').Report, cLibrary?: boolean }} options `cLibrary`: unpacks the C library
 *   as well, to link with; it is not among the folder's `libraries`.
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
    const unpacked = files.filter((file) => cLibrary || packageOf(file) !== C_LIBRARY);
    await writeFile(join(root, PACKAGE_LIST), `${unpacked.sort().join('\n')}\n`);
    await gatherLibraries(root);
    if (!cLibrary) return;
    for (const file of files) if (packageOf(file) === C_LIBRARY) await unpack(file);
    await mergeUsr(root);
  });
}

/** Makes the links /lib and /lib64 to /usr, which no package contains, although the C library is named by the short path. */
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
  /** @type {import('./steps.mjs').Report} */ report,
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

/** `libc6_2.36-9+deb12u10_amd64.deb` → `2.36-9+deb12u10`; apt writes the colon of an epoch as `%3a`. */
export const versionOf = (/** @type {string} */ file) => decodeURIComponent(file.split('_')[1] ?? '');

/** Links all shared libraries below the root into one folder, so that one LD_LIBRARY_PATH finds them. */
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

/** Whether a file is a shared library, as `libicui18n.so.72.1`, and not a plug-in like `cc1plus.so`. */
export const isLibrary = (/** @type {string} */ name) => /^lib[\w.+-]*\.so(\.[\d.]+)?$/.test(name);
