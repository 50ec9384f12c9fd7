import { expect, it } from 'vitest';
import { shareStolen, ticksIn } from '../../../bench/stolen.ts';

it('is the share of what this machine wanted to run, idle time left out', () => {
  const before = ticksIn('cpu  100 0 50 900 7 0 0 10 0 0\ncpu0 1 2 3 4 5 6 7 8\n');
  const now = ticksIn('cpu  160 0 70 990 9 0 0 30 0 0\n');
  expect(before).toEqual({ stolen: 10, wanted: 160 });
  expect(shareStolen(before, now)).toBeCloseTo(0.2);
  expect(shareStolen(now, now)).toBe(0);
});
