/** What is read of compiled files, and what becomes of a package.json when its package is published. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { missingDependencies } from '../../../scripts/packages/dependencies.mjs';
import { importsOf, namingCompiled } from '../../../scripts/packages/imports.mjs';
import { publishedManifest, workspaces } from '../../../scripts/packages/workspaces.mjs';
import { repository } from '../../../scripts/places.mjs';

describe('the imports of a compiled file', () => {
  it('are files beside it and packages, imported at once, later, for their types, or exported again', () => {
    const code = `
import { z } from 'zod/v4';
import './polyfill.js';
export * from "./languages.js";
import type { Router } from '@scope/media/types';
const { sharp } = await import('sharp');
type Socket = import('ws').WebSocket;
import { readFileSync } from 'node:fs';
export {
  one,
} from '../one.js';`;
    expect(importsOf(code)).toEqual({
      files: ['./polyfill.js', './languages.js', '../one.js'],
      packages: ['zod', '@scope/media', 'sharp', 'ws'],
    });
  });

  it('are files that are named by their URL: modules of workers, and data', () => {
    const code = `
new Worker(new URL('./thread.js', import.meta.url));
readFileSync(new URL('silero.weights', import.meta.url));
const root = new URL('..', import.meta.url);
const other = new URL('./page.html', location.href);`;
    expect(importsOf(code)).toEqual({ files: ['./thread.js', 'silero.weights'], packages: [] });
  });

  it('are neither what examples in comments import nor strings that are read from something', () => {
    const code = `
/**
 * @example
 * import { a } from 'example';
 */
// import 'remark';
const tag = Buffer.from('RIFF');`;
    expect(importsOf(code)).toEqual({ files: [], packages: [] });
  });
});

it('a compiled file names compiled files where its source named TypeScript', () => {
  const source = `
export { type A } from './a.ts';
export type B = import('../b.mts').B;
new Worker(new URL('./thread.ts', import.meta.url));
export { c } from 'c.ts';
export { d } from './d.json';`;
  expect(namingCompiled(source)).toBe(`
export { type A } from './a.js';
export type B = import('../b.mjs').B;
new Worker(new URL('./thread.js', import.meta.url));
export { c } from 'c.ts';
export { d } from './d.json';`);
});

describe('a published package.json', () => {
  const manifest = {
    ...{ name: '@a/b', version: '1.2.3', description: '', license: 'Apache-2.0', private: true, type: 'module' },
    engines: { node: '>=22.18' },
    exports: { '.': './index.ts', './part': './part/part.ts' },
    dependencies: { ws: '8.0.0' },
  };

  it('names what is compiled, with its types first, and runs where TypeScript is not read', () => {
    expect(publishedManifest({ folder: 'b', manifest })).toEqual({
      ...{ name: '@a/b', version: '1.2.3', description: '', license: 'Apache-2.0', type: 'module' },
      engines: { node: '>=22' },
      exports: {
        '.': { types: './dist/b/index.d.ts', default: './dist/b/index.js' },
        './part': { types: './dist/b/part/part.d.ts', default: './dist/b/part/part.js' },
        './package.json': './package.json',
      },
      files: ['dist'],
      dependencies: { ws: '8.0.0' },
      publishConfig: { access: 'public' },
    });
  });

  it('keeps what is built already', () => {
    const exports = { '.': { types: './dist/widget.d.ts', default: './dist/widget.js' } };
    const { engines: _, ...rest } = manifest;
    const published = publishedManifest({ folder: 'b', manifest: { ...rest, exports, files: ['dist/widget.js'] } });
    expect(published).toMatchObject({ exports, files: ['dist/widget.js'] });
    expect(published).not.toHaveProperty('engines');
  });
});

describe('dependencies that do not fit', () => {
  const manifest = { name: 'a', version: '1.0.0', description: '', license: 'MIT', exports: {} };
  const found = (used: string[], typed: string[] = []) => ({ used: new Set(used), typed: new Set(typed) });

  it('are none where each that is used is named, and each that is named is used, or is the choice of who installs it', () => {
    const peers = { peerDependencies: { sharp: '1', media: '3' }, peerDependenciesMeta: { media: { optional: true } } };
    const named = { ...manifest, dependencies: { ws: '8.0.0' }, ...peers };
    expect(missingDependencies(named, found(['ws'], ['sharp']))).toEqual([]);
  });

  it.each([
    [{}, found(['ws']), 'ws is used, and not named'],
    [{}, found([], ['ws']), 'ws is used, and not named'],
    [{ dependencies: { ws: '8.0.0' } }, found([]), 'ws is named, and not used'],
    [{ dependencies: { ws: '^8.0.0' } }, found(['ws']), 'ws is wanted as ^8.0.0, which is no version'],
    [{ peerDependenciesMeta: { ws: { optional: true } } }, found([]), 'ws is in peerDependenciesMeta alone'],
  ])('%j', (named, uses, error) => {
    expect(missingDependencies({ ...manifest, ...named }, uses)).toEqual([error]);
  });
});

describe('the packages of the repository', () => {
  const all = workspaces().map(({ manifest }) => manifest);
  const { packages } = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };

  it('have one version, and depend on each other in it', () => {
    const [version] = new Set(all.map((manifest) => manifest.version));
    expect(new Set(all.map((manifest) => manifest.version)).size).toBe(1);
    const ours = all.flatMap(({ dependencies = {}, peerDependencies = {} }) =>
      Object.entries({ ...dependencies, ...peerDependencies }).filter(([name]) => name.startsWith('@mediasoup-booth/')),
    );
    expect(ours.length).toBeGreaterThan(2);
    expect(ours.filter(([, wanted]) => wanted !== version)).toEqual([]);
  });

  it.each(workspaces())('tell strangers how $folder is installed, and on which Node.js, as npm does', (workspace) => {
    const readme = readFileSync(join(repository, workspace.folder, 'README.md'), 'utf8');
    const { name, engines, license } = publishedManifest(workspace);
    expect(readme).toMatch(new RegExp(`^npm install (\\S+ )*${name}( |$)`, 'm'));
    for (const [, version] of readme.matchAll(/Node\.js ≥ ([\d.]+\d)/g)) expect(engines?.node).toBe(`>=${version}`);
    expect(license).toBe('Apache-2.0');
  });

  it('bring the versions with which the repository is tested', () => {
    const brought = all.flatMap(({ dependencies = {} }) => Object.entries(dependencies));
    const others = brought.filter(
      ([name, version]) =>
        !name.startsWith('@mediasoup-booth/') && packages[`node_modules/${name}`]?.version !== version,
    );
    expect(others).toEqual([]);
  });
});
