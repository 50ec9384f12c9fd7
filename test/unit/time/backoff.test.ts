import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backoff, backoffDelayMs } from '../../../time/backoff.ts';

describe('Backoff', () => {
  it('doubles up to its maximum and starts over after a reset', () => {
    const backoff = new Backoff({ firstMs: 500, maxMs: 3000 });
    expect([backoff.next(), backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([
      500, 1000, 2000, 3000, 3000,
    ]);
    backoff.reset();
    expect(backoff.next()).toBe(500);
  });

  it('never exceeds its maximum nor takes off more than its jitter, whatever the attempt', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, chance) => {
        const plainMs = backoffDelayMs(attempt, { firstMs: 100, maxMs: 10_000 });
        const ms = backoffDelayMs(attempt, { firstMs: 100, maxMs: 10_000, jitter: 0.5, random: () => chance });
        expect(ms).toBeLessThanOrEqual(plainMs);
        expect(ms).toBeGreaterThanOrEqual(plainMs / 2 - 1);
      }),
    );
  });
});
