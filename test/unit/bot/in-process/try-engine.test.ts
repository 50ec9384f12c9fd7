import { describe, expect, it } from 'vitest';
import { tryEngine } from '../../../../bot/in-process/try-engine.ts';
import { TranslationError } from '../../../../bot/session/translation-session.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { until } from '../../../support/until.ts';

const refused = new TranslationError('account', 'key', 'refused');
const unreachable = new TranslationError('transient', 'ECONNREFUSED', 'cannot be reached');

describe('the trial of an engine', () => {
  it('waits for its turn, and ends when the engine answers', async () => {
    const clock = new FakeClock();
    const told: unknown[] = [];
    const trial = tryEngine({
      attempt: async () => undefined,
      limiter: { reserve: async () => 5000 },
      clock,
      tell: (error) => told.push(error),
    });
    await until(() => clock.pending === 1);
    clock.advance(4999);
    expect(told).toEqual([]);
    clock.advance(1);
    await trial;
    expect(told).toEqual([undefined]);
  });

  it('tries again in a minute what may pass by itself, and in ten what somebody has to mend', async () => {
    const clock = new FakeClock();
    const answers = [unreachable, refused, undefined];
    const told: unknown[] = [];
    const atMs: number[] = [];
    const trial = tryEngine({
      attempt: async () => answers.shift(),
      limiter: { reserve: async () => 0 },
      clock,
      tell: (error) => {
        told.push(error);
        atMs.push(clock.now());
      },
    });
    let isOver = false;
    void trial.then(() => (isOver = true));
    while (!isOver) {
      await until(() => isOver || clock.pending > 0);
      clock.advance(30_000);
    }
    expect(told).toEqual([unreachable, refused, undefined]);
    const [first = 0, second = 0, third = 0] = atMs;
    expect(second - first).toBeGreaterThanOrEqual(60_000);
    expect(second - first).toBeLessThan(120_000);
    expect(third - second).toBeGreaterThanOrEqual(600_000);
    expect(third - second).toBeLessThan(660_000);
  });
});
