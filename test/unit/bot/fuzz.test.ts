import { expect, it } from 'vitest';
import { fuzz } from '../../support/fuzz.ts';
import { testSeed } from '../../support/seed.ts';

it('nothing that the interpreter, the page or the engine is sent throws or hangs', async () => {
  const { sent, slowestMs } = await fuzz(testSeed, 1000);
  expect(sent).toBe(10_000);
  expect(slowestMs).toBeLessThan(5000);
});
