/** mediasoup at the lower end of the range that the interpreter's package names, with the media worker of that version. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { make, withScratch } from '../../engine/setup/cache.mjs';
import { cacheDir, fingerprint, platform } from '../../engine/setup/places.mjs';
import { repository } from '../../scripts/places.mjs';
import { buildWorker, recipeFingerprint } from '../../scripts/setup/worker-build.mjs';
import { installPackages } from './installed-packages.ts';
import { oldestWorkerRecipe } from './oldest-worker/recipe.mjs';

type Mediasoup = typeof import('mediasoup');

const WORKER = 'worker/out/Release/mediasoup-worker';

export const oldestVersion = ((): string => {
  const { peerDependencies } = JSON.parse(readFileSync(join(repository, 'bot/package.json'), 'utf8'));
  const [, version] = /^>=(\d+\.\d+\.\d+) /.exec(peerDependencies.mediasoup) ?? [];
  if (version === undefined) throw new Error(`no lowest version in "${peerDependencies.mediasoup}"`);
  return version;
})();

/** Installs it and compiles its worker, once: the folder stays in the cache. */
export async function oldestMediasoup(): Promise<Mediasoup> {
  const setup = { environment: process.env, signal: new AbortController().signal };
  const kind = ['oldest-mediasoup', oldestVersion, await wholeRecipe(), platform].join('-');
  const folder = join(cacheDir(process.env), kind);
  if (!existsSync(folder))
    await make(folder, async (part) => {
      await writeFile(join(part, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
      await installPackages(part, [`mediasoup@${oldestVersion}`]);
      const mediasoup = join(part, 'node_modules/mediasoup');
      await withScratch(`${folder}.build`, async (scratch) => {
        const made = await buildWorker(setup, scratch, () => {}, oldestWorkerRecipe(join(mediasoup, 'worker')));
        await mkdir(dirname(join(mediasoup, WORKER)), { recursive: true });
        await copyFile(made, join(mediasoup, WORKER));
      });
    });
  return imported(join(folder, 'node_modules/mediasoup'));
}

/** Its worker is its own, whatever the project's is. */
async function imported(mediasoup: string): Promise<Mediasoup> {
  const { MEDIASOUP_WORKER_BIN: ours } = process.env;
  process.env.MEDIASOUP_WORKER_BIN = join(mediasoup, WORKER);
  try {
    return await import(join(mediasoup, 'node/lib/index.js'));
  } finally {
    if (ours === undefined) delete process.env.MEDIASOUP_WORKER_BIN;
    else process.env.MEDIASOUP_WORKER_BIN = ours;
  }
}

/** A fingerprint of all that the worker is built by. */
async function wholeRecipe(): Promise<string> {
  const folder = fileURLToPath(new URL('oldest-worker', import.meta.url));
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  const files = entries.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return fingerprint([await recipeFingerprint(), ...files.map((file) => readFileSync(file, 'utf8'))].join('\n'));
}
