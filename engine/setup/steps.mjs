/** Completes the steps of a set-up, as far as they are not done: one set-up at a time in a cache folder. */
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupError } from './error.mjs';
import { withLock } from './lock.mjs';
import { cacheDir } from './places.mjs';

/** @typedef {{ environment: import('./places.mjs').Environment, signal: AbortSignal }} Setup */

/** @typedef {(how: string) => void} Report Sets how far the step is. */

/**
 * @typedef {{ title: string, usually: string, isDone: () => boolean | Promise<boolean>,
 *   run: (report: Report) => Promise<void> }} SetupStep `usually` says how long it takes
 */

/**
 * @param {Setup} setup
 * @param {readonly SetupStep[]} steps in the order in which they build on each other
 * @param {{ onWait: () => void, runStep: (step: SetupStep) => Promise<void> }} how `onWait`: another set-up is at work;
 *   `runStep` runs a step and shows its progress
 */
export async function completeSteps({ environment, signal }, steps, { onWait, runStep }) {
  if (await areDone(steps)) return;
  const cache = cacheDir(environment);
  await makeWritable(cache);
  await withLock(join(cache, 'lock'), { signal, onWait }, async () => {
    for (const step of steps) {
      signal.throwIfAborted();
      if (!(await step.isDone())) await runStep(step);
    }
  });
}

async function areDone(/** @type {readonly SetupStep[]} */ steps) {
  for (const step of steps) if (!(await step.isDone())) return false;
  return true;
}

async function makeWritable(/** @type {string} */ cache) {
  try {
    await mkdir(cache, { recursive: true });
    await access(cache, constants.W_OK);
  } catch (error) {
    throw new SetupError(
      `Nothing can be kept in ${cache} (${error instanceof Error ? error.message : error}).`,
      'Name a folder of yours: BOOTH_CACHE_DIR=/path/to/folder',
      'cacheNotWritable',
    );
  }
}
