/** Half an hour of realistic turn-taking: what it costs, what it takes of the account, and that nothing of it is lost. */
import { expect, it } from 'vitest';
import { percentile } from '../../bench/bench.ts';
import { moneyOf } from '../../bench/cost.ts';
import { holdMeeting } from '../../bench/meeting.ts';

it.each([1, 2])('8 people, 4 languages, 30 minutes: seed %i', async (seed) => {
  const held = await holdMeeting({ minutes: 30, seed });
  const { money, oracle, ratio } = moneyOf(held);
  const { words, connections, waits } = held;
  const waitP95 = percentile(waits, 0.95);
  console.log({ money, oracle, ratio, ...words, ...connections, waitP95, waitMax: Math.max(...waits) });
  expect(words.said).toBeGreaterThan(10_000);
  expect(words).toMatchObject({ unheard: 0, unread: 0 });
  expect(ratio).toBeLessThanOrEqual(1.25);
  expect(connections.perMinute).toBeLessThanOrEqual(8);
  expect(waitP95).toBeLessThanOrEqual(2000);
});
