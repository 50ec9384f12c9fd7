import { describe, expect, it } from 'vitest';
import { every, sleep, within } from '../../../time/clock.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a clock that is passed in', () => {
  it('repeats a call at its interval until it is stopped, also from within', () => {
    const clock = new FakeClock();
    const calls: number[] = [];
    const stop = every(clock, 100, () => {
      calls.push(clock.now());
      if (calls.length === 3) stop();
    });
    clock.advance(1000);
    expect(calls).toEqual([100, 200, 300]);
    expect(clock.pending).toBe(0);
  });

  it('sleeps for as long as it was told, or until a signal ends it', async () => {
    const clock = new FakeClock();
    const woken: string[] = [];
    const controller = new AbortController();
    void sleep(clock, 100).then(() => woken.push('in time'));
    void sleep(clock, 100, controller.signal).then(() => woken.push('aborted'));
    controller.abort();
    await settled();
    expect(woken).toEqual(['aborted']);
    clock.advance(100);
    await settled();
    expect(woken).toEqual(['aborted', 'in time']);
    await sleep(clock, 100, controller.signal);
    expect(clock.pending).toBe(0);
  });

  it('waits for an end no longer than it was told, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    await within(clock, 100, Promise.resolve());
    expect(clock.pending).toBe(0);
    const late = within(clock, 100, new Promise(() => {}));
    clock.advance(100);
    await late;
    await expect(within(clock, 100, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(clock.pending).toBe(0);
  });
});
