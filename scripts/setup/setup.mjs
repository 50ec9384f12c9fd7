/**
 * Set-up: fetches and builds the parts that a command needs, as far as they are missing. Everything goes into the cache folder,
 * `node_modules` and `client-widget/dist`: nothing is installed on the system, and no root is needed.
 */

import { engineObstacle, engineSteps, requireEngineHost, thisHost } from '../../engine/setup/engine.mjs';
import { SetupError } from '../../engine/setup/error.mjs';
import { completeSteps } from '../../engine/setup/steps.mjs';
import { chromiumStep } from './chromium.mjs';
import { coturnStep } from './coturn.mjs';
import { dependenciesStep } from './dependencies.mjs';
import { ffmpegStep, soxStep } from './ffmpeg.mjs';
import { firefoxStep } from './firefox.mjs';
import { pageStep } from './page.mjs';
import { withProgress } from './progress.mjs';
import { proxiesStep } from './proxies.mjs';
import { redisStep } from './redis.mjs';
import { speechStep } from './speech.mjs';
import { workerStep } from './worker.mjs';

/** @typedef {import('../../engine/setup/steps.mjs').Setup} Setup */
/** @typedef {import('../../engine/setup/steps.mjs').SetupStep} SetupStep */

/** @typedef {'worker' | 'page' | 'engine' | 'speech' | 'ffmpeg' | 'chromium' | 'firefox' | 'coturn' | 'redis' | 'proxies' | 'sox'} Part What a command can need besides the npm dependencies. */

/** @type {Readonly<Record<string, readonly Part[]>>} */
const partsOfCommands = {
  start: ['worker', 'page', 'engine'],
  demo: ['worker', 'page', 'engine', 'speech'],
  edge: ['worker'],
  bot: ['engine'],
  translate: ['engine'],
  engine: ['engine'],
};

/** @type {readonly Part[]} */
export const allParts = ['worker', 'page', 'engine', 'speech'];
/** What is fetched where it is named: FFmpeg is large, and Booth does without it but for recordings. @type {readonly Part[]} */
export const namedParts = ['ffmpeg'];
/** @type {readonly Part[]} */
export const testParts = [...allParts, ...namedParts, 'chromium', 'firefox', 'coturn', 'redis', 'proxies', 'sox'];

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
 * @throws {SetupError} where a part is missing that `BOOTH_SETUP=off` does not allow to be fetched or built
 */
export async function prepare(setup, parts) {
  if (parts.includes('engine')) requireEngineHost();
  if (isOff(setup.environment)) return requireParts(setup, parts);
  await completeSteps(setup, stepsFor(setup, parts), {
    onWait: () => process.stderr.write('booth: another set-up is at work: waiting for it …\n'),
    runStep: (step) => withProgress(step, step.run),
  });
}

/**
 * What is to be said before a command runs on a computer that cannot run the offline engine, and does not need it: where speech goes
 * then, and that it is not possible otherwise. Undefined: nothing.
 */
export function engineNote(
  /** @type {readonly string[]} */ args,
  /** @type {import('../places.mjs').Environment} */ environment,
  host = thisHost,
) {
  const obstacle = engineObstacle(host);
  const [command = ''] = args;
  if (obstacle === undefined || !['start', 'demo', 'bot', 'translate'].includes(command)) return undefined;
  if (wantsEngine(environment) || args.includes('--help') || args.includes('-h')) return undefined;
  const service = environment.BOOTH_LIVETRANSLATE_URL ? 'the service of BOOTH_LIVETRANSLATE_URL' : 'the cloud model';
  return `${obstacle} It is left out: ${service} translates.`;
}

/** Whether everything was set up before and is not checked again, as in an image, whose files cannot be written and are fewer than a clone's. */
function isOff(/** @type {import('../places.mjs').Environment} */ { BOOTH_SETUP: setting = 'auto' }) {
  if (['', 'auto', 'off'].includes(setting)) return setting === 'off';
  throw new SetupError(
    `BOOTH_SETUP is "${setting}".`,
    'Set it to "auto" (what is missing is fetched and built) or "off".',
  );
}

/** @param {Setup} setup @param {readonly Part[]} parts */
async function requireParts(setup, parts) {
  for (const step of partSteps(
    setup,
    parts.filter((part) => part !== 'page'),
  )) {
    if (await step.isDone()) continue;
    const remedy = parts.includes('engine') ? ' Or set DASHSCOPE_API_KEY, with which no offline engine is needed.' : '';
    throw new SetupError(
      `A part of Booth is not here (${step.title}), and BOOTH_SETUP=off lets nothing be fetched or built.`,
      `Run set-up where the folder can be written: BOOTH_SETUP=auto npm run setup.${remedy}`,
    );
  }
}

/** The steps, in the order in which they build on each other. @returns {SetupStep[]} */
function stepsFor(/** @type {Setup} */ setup, /** @type {readonly Part[]} */ parts) {
  return [dependenciesStep(setup, parts.includes('chromium')), ...partSteps(setup, parts)];
}

/** @returns {SetupStep[]} */
function partSteps(/** @type {Setup} */ setup, /** @type {readonly Part[]} */ parts) {
  return [
    ...(parts.includes('worker') ? [workerStep(setup)] : []),
    ...(parts.includes('engine') ? engineSteps(setup) : []),
    ...(parts.includes('speech') ? [speechStep(setup)] : []),
    ...(parts.includes('ffmpeg') ? [ffmpegStep(setup)] : []),
    ...(parts.includes('chromium') ? [chromiumStep(setup)] : []),
    ...(parts.includes('firefox') ? [firefoxStep(setup)] : []),
    ...(parts.includes('coturn') ? [coturnStep(setup)] : []),
    ...(parts.includes('redis') ? [redisStep(setup)] : []),
    ...(parts.includes('proxies') ? [proxiesStep(setup)] : []),
    ...(parts.includes('sox') ? [soxStep(setup)] : []),
    ...(parts.includes('page') ? [pageStep(setup)] : []),
  ];
}
