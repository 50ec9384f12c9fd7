import { describe, expect, it } from 'vitest';
import { rejoinBackoff, waitToRejoin } from '../../../room-client/rejoin.ts';
import { FakeClock } from '../../support/fake-clock.ts';

describe('the wait before joining a room again', () => {
  it('doubles from 1 s to 10 s', () => {
    const backoff = rejoinBackoff(0);
    expect(Array.from({ length: 6 }, () => backoff.next())).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  it.each([0, 0.5, 0.999])('lasts 1 to 10 s and grows, whatever chance makes of it (%f)', (random) => {
    const backoff = rejoinBackoff(undefined, () => random);
    const delays = Array.from({ length: 6 }, () => backoff.next());
    expect(delays).toEqual([...delays].sort((a, b) => a - b));
    expect(delays[0]).toBeGreaterThanOrEqual(1000);
    expect(delays[5]).toBeLessThanOrEqual(10_000);
  });

  it('is over after its delay', async () => {
    const clock = new FakeClock();
    const wait = waitToRejoin(clock, 1000);
    clock.advance(1000);
    await expect(wait.over).resolves.toBeUndefined();
  });

  it('can be skipped, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    const wait = waitToRejoin(clock, 1000);
    wait.skip();
    await wait.over;
    expect(clock.pending).toBe(0);
  });
});
