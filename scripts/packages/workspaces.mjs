/** The folders of the repository that are packages for others, and what their package.json says once they are published. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../places.mjs';

/** Compiled code needs no Node that reads TypeScript, which the folders of a clone do. */
const NODE = '>=22';

/** @typedef {string | { types: string, default: string }} Export */

/**
 * @typedef {{ name: string, version: string, description: string, license: string, private?: boolean,
 *   engines?: Record<string, string>, exports: Record<string, Export>, files?: string[],
 *   dependencies?: Record<string, string>, optionalDependencies?: Record<string, string>,
 *   peerDependencies?: Record<string, string>, peerDependenciesMeta?: Record<string, { optional?: boolean }> }} Manifest
 */

/** @typedef {{ folder: string, manifest: Manifest }} Workspace `folder` is below the repository */

/** The packages, each after those that it depends on. @returns {Workspace[]} */
export function workspaces() {
  const { workspaces: folders } = readJson(join(repository, 'package.json'));
  return folders.map((/** @type {string} */ folder) => ({
    folder,
    manifest: readJson(join(repository, folder, 'package.json')),
  }));
}

const readJson = (/** @type {string} */ file) => JSON.parse(readFileSync(file, 'utf8'));

/** The entries that are sources, from the repository's root. A package whose exports are built already has none. */
export const sourceEntries = (/** @type {Workspace} */ { folder, manifest }) =>
  Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' && /\.ts$/.test(target) ? [join(folder, target)] : [],
  );

/** The compiled files of a source, from the root of the compiled tree. */
export const compiledEntry = (/** @type {string} */ source) => ({
  types: source.replace(/\.ts$/, '.d.ts'),
  default: source.replace(/\.ts$/, '.js'),
});

/** A package's package.json as it is published. @returns {Manifest} */
export function publishedManifest(/** @type {Workspace} */ { folder, manifest }) {
  const { private: _, engines, exports, files = ['dist'], ...rest } = manifest;
  /** @type {(target: Export) => Export} */
  const built = (target) => {
    if (typeof target !== 'string' || !target.endsWith('.ts')) return target;
    const entry = compiledEntry(join(folder, target));
    return { types: `./dist/${entry.types}`, default: `./dist/${entry.default}` };
  };
  return {
    ...rest,
    ...(engines?.node && { engines: { ...engines, node: NODE } }),
    exports: {
      ...Object.fromEntries(Object.entries(exports).map(([name, target]) => [name, built(target)])),
      './package.json': './package.json',
    },
    files,
    .../** @type {{}} */ ({ publishConfig: { access: 'public' } }),
  };
}
