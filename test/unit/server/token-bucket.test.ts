import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../../server/token-bucket.ts';

describe('an allowance', () => {
  it('gives its burst at once, then as much as time allows', () => {
    const allowance = new TokenBucket({ perSecond: 2, burst: 3 }, 0);
    expect([0, 0, 0, 0].map((at) => allowance.take(at))).toEqual([true, true, true, false]);
    expect([499, 500, 500, 1000].map((at) => allowance.take(at))).toEqual([false, true, false, true]);
  });

  it('never saves up more than its burst', () => {
    const allowance = new TokenBucket({ perSecond: 100, burst: 2 }, 0);
    const hourLater = 3_600_000;
    expect([0, 1, 2].map(() => allowance.take(hourLater))).toEqual([true, true, false]);
  });
});
