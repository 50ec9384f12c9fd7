import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../time/fake-clock.ts';
import { keepOpen } from '../../../time/keep-open.ts';

interface Attempt {
  succeeds(): Promise<void>;
  fails(): Promise<void>;
  lose(): void;
}

const turns = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('keepOpen', () => {
  let clock: FakeClock;
  let attempts: Attempt[];
  let opened: number[];
  let discarded: number[];
  let pauses: number[];
  let stop: () => void;
  beforeEach(() => {
    clock = new FakeClock();
    attempts = [];
    opened = [];
    discarded = [];
    pauses = [];
    stop = keepOpen<number>({
      open: (lose) => {
        const { promise, resolve, reject } = Promise.withResolvers<number>();
        const number = attempts.length;
        attempts.push({
          async succeeds() {
            resolve(number);
            await turns();
          },
          async fails() {
            reject(new Error('refused'));
            await turns();
          },
          lose,
        });
        return promise;
      },
      discard: (number) => discarded.push(number),
      onOpened: (number) => opened.push(number),
      onFailed: (_error, retryInMs) => pauses.push(retryInMs),
      clock,
      backoff: { firstMs: 1000, maxMs: 30_000 },
    });
  });
  const last = (): Attempt => {
    const attempt = attempts.at(-1);
    if (!attempt) throw new Error('nothing was opened');
    return attempt;
  };

  it('opens at once, and after a failure again with a doubling pause', async () => {
    for (const pause of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      await last().fails();
      expect(pauses.at(-1)).toBe(pause);
      const before = attempts.length;
      clock.advance(pause - 1);
      expect(attempts).toHaveLength(before);
      clock.advance(1);
      expect(attempts).toHaveLength(before + 1);
    }
    await last().succeeds();
    expect(opened).toEqual([7]);
    expect(clock.pending).toBe(0);
  });

  it('opens again what was lost, once, and soon where it had been open for long', async () => {
    await last().fails();
    clock.advance(1000);
    await last().succeeds();
    clock.advance(60_000);
    const { lose } = last();
    lose();
    lose();
    clock.advance(1000);
    expect(attempts).toHaveLength(3);
    await last().succeeds();
    expect(opened).toEqual([1, 2]);
  });

  it('pauses longer each time for what is lost again soon after it was opened', async () => {
    for (const pause of [1000, 2000, 4000]) {
      await last().succeeds();
      last().lose();
      const before = attempts.length;
      clock.advance(pause - 1);
      expect(attempts).toHaveLength(before);
      clock.advance(1);
    }
  });

  it('opens again what was lost while it was being opened, without announcing it', async () => {
    last().lose();
    await last().succeeds();
    expect(opened).toEqual([]);
    clock.advance(1000);
    expect(attempts).toHaveLength(2);
  });

  it('opens nothing and leaves no timer once it is stopped, and discards what comes late', async () => {
    stop();
    await last().succeeds();
    expect([opened, discarded]).toEqual([[], [0]]);
    last().lose();
    clock.advance(60_000);
    expect([attempts.length, clock.pending]).toEqual([1, 0]);
  });

  it('does not try again what failed after it was stopped, nor what was waiting', async () => {
    await last().fails();
    stop();
    expect(clock.pending).toBe(0);
    clock.advance(60_000);
    expect(attempts).toHaveLength(1);
  });
});
