/** The load of listeners that the benchmark makes: a real media worker sends to every one of them, and each costs it something. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { Lecture } from '../../bench/support/load/lecture.ts';

it('has every packet of the speaker arrive at every listener', async () => {
  const lecture = await Lecture.start();
  onTestFinished(() => lecture.close());
  await lecture.fill(25);
  await delay(500);
  const cost = await lecture.costOf(() => delay(2000));
  // A packet that is under way at one end of the window is not at the other.
  expect(cost.arrived).toBeGreaterThan(0.95);
  expect(cost.arrived).toBeLessThan(1.05);
  expect(cost.workerMicroseconds).toBeGreaterThan(0);
}, 60_000);
