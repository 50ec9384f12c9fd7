/**
 * The seed of everything that tests leave to chance, one for a run: fast-check's properties, and generators written by hand, which
 * take `testSeed`. A file in which a test fails prints it; `BOOTH_TEST_SEED=… npm test` runs the same again.
 *
 * The seed is chosen in `vitest.config.ts`, so that all workers of a run have the same; this is a setup file of every project.
 */
import fc from 'fast-check';
import { afterEach } from 'vitest';

export const testSeed = Number(process.env.BOOTH_TEST_SEED);

fc.configureGlobal({ seed: testSeed });

let isPrinted = false;
afterEach(({ task }) => {
  if (isPrinted || task.result?.state !== 'fail') return;
  isPrinted = true;
  console.error(`The seed of this run: repeat it with BOOTH_TEST_SEED=${testSeed}`);
});
