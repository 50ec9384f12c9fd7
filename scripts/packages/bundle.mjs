/** Bundles the widget for npm: each of its entries with all that it needs, and the licences of what that is. */
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createBuilder } from 'vite';

/** The folder and the name of a package that a module belongs to. */
const PACKAGE = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//;

/** Vite's own environments: the pages of Booth's server, and what renders on one. */
const PAGES = new Set(['client', 'ssr']);

/**
 * @param {string} source the folder of `vite.config.ts`
 * @param {string} into the package's `dist`
 * @returns {Promise<string>} name, version and licence of every package of which something is in the bundles
 * @throws where one has no licence that could be passed on
 */
export async function bundle(source, into) {
  const builder = await createBuilder({
    ...{ root: source, configFile: join(source, 'vite.config.ts'), logLevel: 'error' },
    build: { outDir: into },
  });
  /** @type {Map<string, string>} */
  const folders = new Map();
  for (const environment of Object.values(builder.environments).filter(({ name }) => !PAGES.has(name))) {
    const built = await builder.build(environment);
    const chunks = [built].flat().flatMap((one) => ('output' in one ? one.output : []));
    for (const id of chunks.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))) {
      const [, folder, name] = PACKAGE.exec(id) ?? [];
      if (folder !== undefined && name !== undefined) folders.set(name, folder);
    }
  }
  await cp(join(source, 'public'), into, { recursive: true });
  const texts = await Promise.all([...folders].sort().map(([, folder]) => licenceIn(folder)));
  return `${['This package has parts of other packages in it, each under its own licence.', ...texts].join('\n\n')}\n`;
}

async function licenceIn(/** @type {string} */ folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} is bundled, and has no file with its licence`);
  const text = await readFile(join(folder, file), 'utf8');
  return `# ${name} ${version} (${license})\n\n${text.trim()}`;
}
