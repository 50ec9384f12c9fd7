/**
 * Set-up: makes sure of what a command needs, and does nothing where it is there already. Whatever it fetches or builds
 * goes to the cache folder, `node_modules` and `client-widget/dist`: nothing is installed on the system, no root is needed.
 */
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from '../places.mjs';
import { chromiumNeed } from './chromium.mjs';
import { dependenciesNeed } from './dependencies.mjs';
import { engineNeeds } from './engine.mjs';
import { SetupError } from './error.mjs';
import { withLock } from './lock.mjs';
import { pageNeed } from './page.mjs';
import { inSight } from './progress.mjs';
import { speechNeed } from './speech.mjs';
import { workerNeed } from './worker.mjs';

/** @typedef {{ environment: import('../places.mjs').Environment, signal: AbortSignal }} Setup */

/**
 * @typedef {{ title: string, usually: string, isMet: () => boolean | Promise<boolean>,
 *   meet: (report: import('./progress.mjs').Report) => Promise<void> }} Need
 */

/** @typedef {'worker' | 'page' | 'engine' | 'speech' | 'chromium'} Part What can be needed besides the dependencies. */

/** @type {Readonly<Record<string, readonly Part[]>>} */
const partsOfCommands = {
  start: ['worker', 'page', 'engine'],
  demo: ['worker', 'page', 'engine', 'speech'],
  bot: ['engine'],
  translate: ['engine'],
  engine: ['engine'],
};

/** @type {readonly Part[]} */
export const everything = ['worker', 'page', 'engine', 'speech'];
/** @type {readonly Part[]} */
export const forTests = [...everything, 'chromium'];

/** What `booth …` needs: `--help` and commands that only talk to a server need the dependencies alone. */
export function partsFor(
  /** @type {readonly string[]} */ args,
  /** @type {import('../places.mjs').Environment} */ environment,
) {
  const [command = ''] = args;
  if (args.includes('--help') || args.includes('-h')) return [];
  const parts = Object.hasOwn(partsOfCommands, command) ? (partsOfCommands[command] ?? []) : [];
  return parts.filter((part) => part !== 'engine' || command === 'engine' || wantsEngine(environment));
}

/** The offline engine is what translates where there is neither a key for the cloud nor an engine elsewhere. */
export function wantsEngine(/** @type {import('../places.mjs').Environment} */ environment) {
  const { DASHSCOPE_API_KEY: key, BOOTH_LIVETRANSLATE_URL: url, BOOTH_LIVETRANSLATE_MODEL: model } = environment;
  return !url && (!key?.trim() || model === 'booth-offline');
}

/**
 * @param {Setup} setup
 * @param {readonly Part[]} parts
 */
export async function prepare(setup, parts) {
  const needs = needsOf(setup, parts);
  if (await areMet(needs)) return;
  const cache = cacheDir(setup.environment);
  await makeWritable(cache);
  const onWait = () => process.stderr.write('booth: another set-up is at work: waiting for it …\n');
  await withLock(join(cache, 'lock'), { signal: setup.signal, onWait }, async () => {
    for (const need of needs) {
      setup.signal.throwIfAborted();
      if (!(await need.isMet())) await inSight(need, need.meet);
    }
  });
}

async function makeWritable(/** @type {string} */ cache) {
  try {
    await mkdir(cache, { recursive: true });
    await access(cache, constants.W_OK);
  } catch (error) {
    throw new SetupError(
      `Nothing can be kept in ${cache} (${error instanceof Error ? error.message : error}).`,
      'Name a folder of yours: BOOTH_CACHE_DIR=/path/to/folder',
    );
  }
}

/** In the order in which they build on each other. @returns {Need[]} */
function needsOf(/** @type {Setup} */ setup, /** @type {readonly Part[]} */ parts) {
  return [
    dependenciesNeed(setup, parts.includes('chromium')),
    ...(parts.includes('worker') ? [workerNeed(setup)] : []),
    ...(parts.includes('engine') ? engineNeeds(setup) : []),
    ...(parts.includes('speech') ? [speechNeed(setup)] : []),
    ...(parts.includes('chromium') ? [chromiumNeed(setup)] : []),
    ...(parts.includes('page') ? [pageNeed(setup)] : []),
  ];
}

async function areMet(/** @type {readonly Need[]} */ needs) {
  for (const need of needs) if (!(await need.isMet())) return false;
  return true;
}
