/** Collects of the compiled tree what one package needs: the files that its entries reach, and nothing else. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { repository } from '../places.mjs';
import { importsOf, namingCompiled } from './imports.mjs';
import { compiledEntry, sourceEntries } from './workspaces.mjs';

const CODE = /\.(?:m?js|d\.m?ts)$/;
const DECLARATION_OF = { '.js': '.d.ts', '.mjs': '.d.mts' };

/**
 * @param {import('./workspaces.mjs').Workspace} workspace
 * @param {string} compiled the folder that the compiler wrote
 * @param {string} into the package's `dist`
 * @returns {Promise<{ used: Set<string>, typed: Set<string> }>} the packages that its code uses, and its declarations
 */
export async function collect(workspace, compiled, into) {
  const entries = sourceEntries(workspace).map(compiledEntry);
  const used = await take(entries.map((entry) => entry.default));
  const typed = await take(entries.map((entry) => entry.types));
  return { used, typed };

  /** Copies what a list of files reaches. @returns the packages that they name */
  async function take(/** @type {string[]} */ files) {
    const queue = [...files];
    /** @type {Set<string>} */
    const packages = new Set();
    const taken = new Set(queue);
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      if (!CODE.test(file)) {
        await copyData(file);
        continue;
      }
      const text = await readCompiled(file);
      await write(file, text);
      const isDeclaration = /\.d\.m?ts$/.test(file);
      if (!isDeclaration) await copyMap(file);
      const imports = importsOf(text);
      for (const name of imports.packages) packages.add(name);
      for (const path of imports.files) {
        const next = join(dirname(file), isDeclaration ? declarationOf(path) : path);
        if (!taken.has(next)) queue.push(next);
        taken.add(next);
      }
    }
    return packages;
  }

  async function readCompiled(/** @type {string} */ file) {
    try {
      return namingCompiled(await readFile(join(compiled, file), 'utf8'));
    } catch (error) {
      throw new Error(`${file} is not compiled: is its folder in tsconfig.packages.json?`, { cause: error });
    }
  }

  async function copyData(/** @type {string} */ file) {
    const source = join(repository, file);
    if (!existsSync(source)) throw new Error(`${file} is named by its URL, and is not there.`);
    await mkdir(dirname(join(into, file)), { recursive: true });
    await copyFile(source, join(into, file));
  }

  /** The map has the source's text in it, so that its name alone is of use. */
  async function copyMap(/** @type {string} */ file) {
    const map = JSON.parse(await readFile(join(compiled, `${file}.map`), 'utf8'));
    await write(
      `${file}.map`,
      JSON.stringify({ ...map, sources: map.sources.map((/** @type {string} */ s) => basename(s)) }),
    );
  }

  async function write(/** @type {string} */ file, /** @type {string} */ text) {
    await mkdir(dirname(join(into, file)), { recursive: true });
    await writeFile(join(into, file), text);
  }
}

const declarationOf = (/** @type {string} */ path) =>
  path.replace(/\.m?js$/, (extension) => DECLARATION_OF[/** @type {'.js' | '.mjs'} */ (extension)]);
