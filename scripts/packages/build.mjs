/**
 * Builds the packages that others install: compiles them once, gives each its own part of that, and packs it. In a clone nothing is
 * built: there the packages' `exports` name TypeScript.
 */
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { npm } from '../../engine/setup/npm.mjs';
import { run } from '../../engine/setup/run.mjs';
import { repository } from '../places.mjs';
import { usableNode } from '../setup/node.mjs';
import { bundle } from './bundle.mjs';
import { collect } from './collect.mjs';
import { missingDependencies } from './dependencies.mjs';
import { publishedManifest, sourceEntries, workspaces } from './workspaces.mjs';

/** @typedef {{ name: string, folder: string, tarball: string }} BuiltPackage */

const TSC = join(repository, 'node_modules/typescript/bin/tsc');

/**
 * @param {string} out a folder: what is in it is removed
 * @param {(name: string) => boolean} [isWanted] which packages, by their names. Default: all
 * @returns {Promise<BuiltPackage[]>} each with its folder and its tarball in `out`
 * @throws where a package uses another one that its package.json does not name, or names one that it does not use
 */
export async function buildPackages(out, isWanted = () => true) {
  await rm(out, { recursive: true, force: true });
  const compiled = join(out, '.compiled');
  await mkdir(compiled, { recursive: true });
  const wanted = workspaces().filter(({ manifest }) => isWanted(manifest.name));
  if (wanted.some((workspace) => sourceEntries(workspace).length > 0))
    await run(usableNode(), [TSC, '--project', 'tsconfig.packages.json', '--outDir', compiled], { cwd: repository });
  const built = await Promise.all(wanted.map((workspace) => buildPackage(workspace, compiled, out)));
  await rm(compiled, { recursive: true });
  return pack(built, out);
}

/** @returns {Promise<{ name: string, folder: string }>} */
async function buildPackage(
  /** @type {import('./workspaces.mjs').Workspace} */ workspace,
  /** @type {string} */ compiled,
  /** @type {string} */ out,
) {
  const source = join(repository, workspace.folder);
  const manifest = publishedManifest(workspace);
  const folder = join(out, basename(manifest.name));
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await cp(join(repository, 'LICENSE'), join(folder, 'LICENSE'));
  for (const name of await readdir(source)) {
    if (/^(?:README|NOTICE)\b/.test(name)) await cp(join(source, name), join(folder, name));
  }
  const dist = join(folder, 'dist');
  if (sourceEntries(workspace).length > 0) {
    const errors = missingDependencies(manifest, await collect(workspace, compiled, dist));
    if (errors.length > 0) throw new Error(`${workspace.folder}/package.json:\n${errors.join('\n')}`);
  } else await writeFile(join(folder, 'NOTICE'), await bundle(source, dist));
  return { name: manifest.name, folder };
}

/** @returns {Promise<BuiltPackage[]>} */
async function pack(/** @type {readonly { name: string, folder: string }[]} */ built, /** @type {string} */ out) {
  const folders = built.map(({ folder }) => folder);
  const answer = JSON.parse(await npm(['pack', ...folders, '--json', '--pack-destination', out], { cwd: repository }));
  // A list, or an object by name: that depends on the version of npm.
  const packed = /** @type {{ name: string, filename: string }[]} */ (Object.values(answer));
  return built.map(({ name, folder }) => {
    const filename = packed.find((one) => one.name === name)?.filename;
    if (filename === undefined) throw new Error(`npm has not packed ${name}`);
    return { name, folder, tarball: join(out, filename) };
  });
}
