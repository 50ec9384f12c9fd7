/** A million messages that no honest peer sends: nothing throws, hangs or grows. `BOOTH_TEST_SEED` repeats a run. */
import { expect, it } from 'vitest';
import { fuzz } from '../support/fuzz.ts';
import { testSeed } from '../support/seed.ts';

const ROUNDS = 10;
const MESSAGES_EACH = 10_000;
const MOST_GROWTH_BYTES = 200_000_000;

it('a million messages change nothing', { timeout: 1_800_000 }, async () => {
  console.log(`BOOTH_TEST_SEED=${testSeed}`);
  let [sent, slowestMs] = [0, 0];
  const heapBytes: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const result = await fuzz(testSeed + round, MESSAGES_EACH);
    sent += result.sent;
    slowestMs = Math.max(slowestMs, result.slowestMs);
    heapBytes.push(process.memoryUsage().rss);
  }
  console.log(
    `${sent} messages, the slowest ${Math.round(slowestMs)} ms, memory ${heapBytes.map((one) => Math.round(one / 1e6)).join(', ')} MB`,
  );
  expect(sent).toBeGreaterThanOrEqual(1_000_000);
  expect(slowestMs).toBeLessThan(5000);
  // The first rounds warm up: WASM, compiled code, caches.
  expect((heapBytes.at(-1) ?? 0) - (heapBytes[2] ?? 0)).toBeLessThan(MOST_GROWTH_BYTES);
});
