/**
 * Set-up: fetches and builds the parts that a command needs, as far as they are missing. Everything goes into the cache folder,
 * `node_modules` and `client-widget/dist`: nothing is installed on the system, and no root is needed.
 */
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from '../places.mjs';
import { chromiumStep } from './chromium.mjs';
import { dependenciesStep } from './dependencies.mjs';
import { engineSteps } from './engine.mjs';
import { SetupError } from './error.mjs';
import { withLock } from './lock.mjs';
import { pageStep } from './page.mjs';
import { withProgress } from './progress.mjs';
import { speechStep } from './speech.mjs';
import { workerStep } from './worker.mjs';

/** @typedef {{ environment: import('../places.mjs').Environment, signal: AbortSignal }} Setup */

/**
 * @typedef {{ title: string, usually: string, isDone: () => boolean | Promise<boolean>,
 *   run: (report: import('./progress.mjs').Report) => Promise<void> }} SetupStep
 */

/** @typedef {'worker' | 'page' | 'engine' | 'speech' | 'chromium'} Part What a command can need besides the npm dependencies. */

/** @type {Readonly<Record<string, readonly Part[]>>} */
const partsOfCommands = {
  start: ['worker', 'page', 'engine'],
  demo: ['worker', 'page', 'engine', 'speech'],
  bot: ['engine'],
  translate: ['engine'],
  engine: ['engine'],
};

/** @type {readonly Part[]} */
export const allParts = ['worker', 'page', 'engine', 'speech'];
/** @type {readonly Part[]} */
export const testParts = [...allParts, 'chromium'];

/** The parts that a `booth` command needs. `--help` and commands that only talk to a server need the npm dependencies alone. */
export function partsFor(
  /** @type {readonly string[]} */ args,
  /** @type {import('../places.mjs').Environment} */ environment,
) {
  const [command = ''] = args;
  if (args.includes('--help') || args.includes('-h')) return [];
  const parts = Object.hasOwn(partsOfCommands, command) ? (partsOfCommands[command] ?? []) : [];
  return parts.filter((part) => part !== 'engine' || command === 'engine' || wantsEngine(environment));
}

/** Whether the offline engine translates: there is neither a key for the cloud nor an engine on another machine. */
export function wantsEngine(/** @type {import('../places.mjs').Environment} */ environment) {
  const { DASHSCOPE_API_KEY: key, BOOTH_LIVETRANSLATE_URL: url, BOOTH_LIVETRANSLATE_MODEL: model } = environment;
  return !url && (!key?.trim() || model === 'booth-offline');
}

/**
 * @param {Setup} setup
 * @param {readonly Part[]} parts
 */
export async function prepare(setup, parts) {
  const steps = stepsFor(setup, parts);
  if (await areDone(steps)) return;
  const cache = cacheDir(setup.environment);
  await makeWritable(cache);
  const onWait = () => process.stderr.write('booth: another set-up is at work: waiting for it …\n');
  await withLock(join(cache, 'lock'), { signal: setup.signal, onWait }, async () => {
    for (const step of steps) {
      setup.signal.throwIfAborted();
      if (!(await step.isDone())) await withProgress(step, step.run);
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

/** The steps, in the order in which they build on each other. @returns {SetupStep[]} */
function stepsFor(/** @type {Setup} */ setup, /** @type {readonly Part[]} */ parts) {
  return [
    dependenciesStep(setup, parts.includes('chromium')),
    ...(parts.includes('worker') ? [workerStep(setup)] : []),
    ...(parts.includes('engine') ? engineSteps(setup) : []),
    ...(parts.includes('speech') ? [speechStep(setup)] : []),
    ...(parts.includes('chromium') ? [chromiumStep(setup)] : []),
    ...(parts.includes('page') ? [pageStep(setup)] : []),
  ];
}

async function areDone(/** @type {readonly SetupStep[]} */ steps) {
  for (const step of steps) if (!(await step.isDone())) return false;
  return true;
}
