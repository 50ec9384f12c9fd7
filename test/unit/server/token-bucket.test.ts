import { describe, expect, it } from 'vitest';
import { JoinRateLimiter } from '../../../server/auth/join-rate-limiter.ts';
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

describe('attempts to join', () => {
  it('are slowed down for an address that failed twenty times, and for no other', () => {
    const attempts = new JoinRateLimiter();
    for (let n = 0; n < 20; n++) {
      expect(attempts.mayTry('10.0.0.1', 0)).toBe(true);
      attempts.failed('10.0.0.1', 0);
    }
    expect(attempts.mayTry('10.0.0.1', 0)).toBe(false);
    expect(attempts.mayTry('10.0.0.2', 0)).toBe(true);
    expect(attempts.mayTry('10.0.0.1', 5000)).toBe(true);
  });

  it('are remembered of the last thousand addresses', () => {
    const attempts = new JoinRateLimiter();
    for (let n = 0; n < 20; n++) attempts.failed('first', 0);
    for (let n = 0; n < 1000; n++) attempts.failed(`address ${n}`, 0);
    expect(attempts.mayTry('first', 0)).toBe(true);
  });
});
