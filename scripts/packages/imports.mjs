/** What a compiled file names: files beside it, and packages. */

/** @typedef {{ files: string[], packages: string[] }} Imports `files` are relative, as they are written; `packages` are names */

/** A module that is imported or exported from, at once or later; the name of the clause does not matter. */
const MODULE = /\b(?:from\s*|import\s*\(?\s*)(['"])([^'"\n]+)\1/g;
/** A file that is named by its URL: a worker's module, or data. */
const BY_URL = /\bnew URL\(\s*(['"])([^'"\n]+\.\w+)\1,\s*import\.meta\.url\s*\)/g;
const COMMENT_LINE = /^\s*(?:\/\*|\*|\/\/).*$/gm;
const TYPESCRIPT = /\.(m?)ts$/;

/**
 * @param {string} compiled the text of a .js, .mjs, .d.ts or .d.mts file
 * @returns {Imports}
 *
 * @example
 * importsOf("import { z } from 'zod'; new Worker(new URL('./thread.js', import.meta.url))"); // { files: ['./thread.js'], packages: ['zod'] }
 */
export function importsOf(compiled) {
  const code = compiled.replace(COMMENT_LINE, '');
  const modules = [...code.matchAll(MODULE)].map(([, , name = '']) => name);
  const urls = [...code.matchAll(BY_URL)].map(([, , path = '']) => path);
  const packages = modules.filter((name) => !name.startsWith('.') && !name.startsWith('node:')).map(packageOf);
  return {
    files: [...new Set([...modules.filter((name) => name.startsWith('.')), ...urls])],
    packages: [...new Set(packages)],
  };
}

/** The package that `zod/v4` or `@scope/name/part` is a part of. */
const packageOf = (/** @type {string} */ specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/**
 * A compiled file that names compiled files: the compiler leaves the `.ts` of declarations and of URLs as it is.
 * @param {string} compiled
 */
export function namingCompiled(compiled) {
  const renamed = (/** @type {string} */ whole, /** @type {string} */ _quote, /** @type {string} */ name) =>
    /^\.{1,2}\//.test(name) ? whole.replace(name, name.replace(TYPESCRIPT, '.$1js')) : whole;
  return compiled.replace(MODULE, renamed).replace(BY_URL, renamed);
}
