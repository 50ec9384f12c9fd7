/**
 * Set-up: fetches and builds the parts that a command needs, as far as they are missing. Everything goes into the cache folder,
 * `node_modules` and `client-widget/dist`: nothing is installed on the system, and no root is needed.
 */

import { engineSteps } from '../../engine/setup/engine.mjs';
import { completeSteps } from '../../engine/setup/steps.mjs';
import { chromiumStep } from './chromium.mjs';
import { coturnStep } from './coturn.mjs';
import { dependenciesStep } from './dependencies.mjs';
import { firefoxStep } from './firefox.mjs';
import { pageStep } from './page.mjs';
import { withProgress } from './progress.mjs';
import { proxiesStep } from './proxies.mjs';
import { speechStep } from './speech.mjs';
import { workerStep } from './worker.mjs';

/** @typedef {import('../../engine/setup/steps.mjs').Setup} Setup */
/** @typedef {import('../../engine/setup/steps.mjs').SetupStep} SetupStep */

/** @typedef {'worker' | 'page' | 'engine' | 'speech' | 'chromium' | 'firefox' | 'coturn' | 'proxies'} Part What a command can need besides the npm dependencies. */

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
export const testParts = [...allParts, 'chromium', 'firefox', 'coturn', 'proxies'];

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
export function prepare(setup, parts) {
  return completeSteps(setup, stepsFor(setup, parts), {
    onWait: () => process.stderr.write('booth: another set-up is at work: waiting for it …\n'),
    runStep: (step) => withProgress(step, step.run),
  });
}

/** The steps, in the order in which they build on each other. @returns {SetupStep[]} */
function stepsFor(/** @type {Setup} */ setup, /** @type {readonly Part[]} */ parts) {
  return [
    dependenciesStep(setup, parts.includes('chromium')),
    ...(parts.includes('worker') ? [workerStep(setup)] : []),
    ...(parts.includes('engine') ? engineSteps(setup) : []),
    ...(parts.includes('speech') ? [speechStep(setup)] : []),
    ...(parts.includes('chromium') ? [chromiumStep(setup)] : []),
    ...(parts.includes('firefox') ? [firefoxStep(setup)] : []),
    ...(parts.includes('coturn') ? [coturnStep(setup)] : []),
    ...(parts.includes('proxies') ? [proxiesStep(setup)] : []),
    ...(parts.includes('page') ? [pageStep(setup)] : []),
  ];
}
