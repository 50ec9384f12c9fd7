import { describe, expect, it } from 'vitest';
import { TranslationError } from '../../../../bot/session/translation-session.ts';
import { tryEngine } from '../../../../bot/session/try-engine.ts';
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

  it('waits a minute where too many wait for a connection already', async () => {
    const clock = new FakeClock();
    const answers = [Promise.reject(new Error('64 connections wait already')), Promise.resolve(0)];
    let asked = 0;
    const told: unknown[] = [];
    const trial = tryEngine({
      attempt: async () => undefined,
      limiter: { reserve: async () => answers[asked++] ?? 0 },
      clock,
      tell: (error) => told.push(error),
    });
    await until(() => clock.pending === 1);
    clock.advance(59_999);
    expect(asked).toBe(1);
    clock.advance(1);
    await until(() => asked === 2 && clock.pending === 1);
    clock.advance(0);
    await trial;
    expect(told).toEqual([undefined]);
  });

  it('is ended at once, and tells nothing afterwards', async () => {
    const clock = new FakeClock();
    const ending = new AbortController();
    const answer = Promise.withResolvers<TranslationError>();
    const told: unknown[] = [];
    let attempts = 0;
    const trial = tryEngine({
      attempt: () => {
        attempts++;
        return answer.promise;
      },
      limiter: { reserve: async () => 0 },
      clock,
      tell: (error) => told.push(error),
      signal: ending.signal,
    });
    await until(() => clock.pending === 1);
    clock.advance(0);
    await until(() => attempts === 1);
    ending.abort();
    answer.resolve(refused);
    await trial;
    expect({ told, pending: clock.pending }).toEqual({ told: [], pending: 0 });
  });
});
