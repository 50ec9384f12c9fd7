import { describe, expect, it } from 'vitest';
import { rejoinBackoff } from '../../../room-client/rejoin.ts';
import { backoffDelayMs } from '../../../time/backoff.ts';
import { skippableDelay } from '../../../time/clock.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

describe('the wait before joining a room again', () => {
  it.each([0, 0.5, 0.999])('lasts 1 to 10 s and doubles after 9 s, whatever chance makes of it (%f)', (random) => {
    const delayOf = (attempt: number) => backoffDelayMs(attempt, { ...rejoinBackoff, random: () => random });
    const short = [0, 1, 2, 3, 4, 5, 6, 7].map(delayOf);
    const [first = 0, second = 0, third = 0, last = 0] = [7, 8, 9, 50].map(delayOf);
    expect(new Set(short)).toEqual(new Set([first]));
    expect(8 * first).toBeLessThan(10_000);
    expect(first).toBeGreaterThanOrEqual(1000);
    expect([second / first, third / second]).toEqual([expect.closeTo(2, 1), expect.closeTo(2, 1)]);
    expect(last).toBeGreaterThan(third);
    expect(last).toBeLessThanOrEqual(10_000);
  });

  it('is over after its delay', async () => {
    const clock = new FakeClock();
    const wait = skippableDelay(clock, 1000);
    clock.advance(1000);
    await expect(wait.over).resolves.toBeUndefined();
  });

  it('can be skipped, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    const wait = skippableDelay(clock, 1000);
    wait.skip();
    await wait.over;
    expect(clock.pending).toBe(0);
  });
});
