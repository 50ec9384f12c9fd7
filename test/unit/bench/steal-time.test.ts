import { expect, it } from 'vitest';
import { parseTicks, stealShare } from '../../../bench/steal-time.ts';

it('steal time is a share of the time that the machine was ready to run, without its idle time', () => {
  const before = parseTicks('cpu  100 0 50 900 7 0 0 10 0 0\ncpu0 1 2 3 4 5 6 7 8\n');
  const now = parseTicks('cpu  160 0 70 990 9 0 0 30 0 0\n');
  expect(before).toEqual({ steal: 10, runnable: 160 });
  expect(stealShare(before, now)).toBeCloseTo(0.2);
  expect(stealShare(now, now)).toBe(0);
});
