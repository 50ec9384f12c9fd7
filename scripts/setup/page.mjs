/** Builds the meeting page whenever one of its sources has changed. */
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { make } from '../../engine/setup/cache.mjs';
import { SetupError } from '../../engine/setup/error.mjs';
import { RunError, run } from '../../engine/setup/run.mjs';
import { fingerprint, pageDir, repository } from '../places.mjs';
import { usableNode } from './node.mjs';

const SOURCES = [
  'client-widget',
  'protocol',
  'config',
  'time',
  'collections',
  'captions',
  'room-client',
  'package-lock.json',
];
const VITE = join(repository, 'node_modules/vite/bin/vite.js');

/** @returns {import('./setup.mjs').SetupStep} */
export function pageStep(/** @type {import('./setup.mjs').Setup} */ { signal }) {
  const sourcesFile = (/** @type {string} */ folder) => join(folder, '.made-from');
  return {
    title: 'building the meeting page',
    usually: 'some seconds',
    isDone: async () => (await readFile(sourcesFile(pageDir), 'utf8').catch(() => '')) === (await sources()),
    run: () =>
      make(pageDir, async (part) => {
        const madeFrom = await sources();
        try {
          await run(usableNode(), [VITE, 'build', 'client-widget', '--outDir', part, '--logLevel', 'warn'], {
            cwd: repository,
            signal,
          });
        } catch (error) {
          if (!(error instanceof RunError)) throw error;
          throw new SetupError(`The meeting page could not be built.\n${error.message}`, 'Try "npm run build:page".');
        }
        await writeFile(sourcesFile(part), madeFrom);
      }),
  };
}

/** A fingerprint of all sources of the page. */
async function sources() {
  const files = (await Promise.all(SOURCES.map((name) => filesOf(join(repository, name))))).flat().sort();
  const hashes = await Promise.all(files.map(async (file) => fingerprint(await readFile(file, 'utf8'))));
  return fingerprint(files.map((file, index) => `${file.slice(repository.length)} ${hashes[index]}`).join('\n'));
}

/** @returns {Promise<string[]>} */
async function filesOf(/** @type {string} */ path) {
  if (path.startsWith(pageDir) || !existsSync(path)) return [];
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
  if (!entries) return [path];
  return (await Promise.all(entries.map(({ name }) => filesOf(join(path, name))))).flat();
}
