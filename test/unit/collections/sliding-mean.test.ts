import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingMean } from '../../../collections/sliding-mean.ts';

describe('SlidingMean', () => {
  it('is 0 of nothing', () => {
    expect(new SlidingMean(3)).toMatchObject({ count: 0, mean: 0 });
  });

  it('is the mean of the latest numbers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.integer(), { minLength: 1 }), (length, values) => {
        const mean = new SlidingMean(length);
        for (const value of values) mean.push(value);
        const latest = values.slice(-length);
        expect(mean.count).toBe(latest.length);
        expect(mean.mean).toBeCloseTo(latest.reduce((sum, value) => sum + value, 0) / latest.length, 5);
      }),
    );
  });
});
