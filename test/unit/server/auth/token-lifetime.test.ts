import type { Claims } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { TokenLifetime } from '../../../../server/auth/token-lifetime.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

const HOUR = 3600;
const claims = (exp: number, iat = 0): Claims => ({
  sub: 'ana',
  jti: 'a',
  iat,
  exp,
  booth: { room: 'demo', grants: [], issuers: [] },
});

function following(token: Claims, renewals: Claims[] = []) {
  const clock = new FakeClock();
  const events: string[] = [];
  const lifetime = new TokenLifetime(token, {
    clock,
    wallNow: () => clock.now(),
    renew: () => {
      const next = renewals.shift();
      if (next) events.push(`renewed at ${clock.now() / 1000}`);
      return next;
    },
    onExpiring: (expires) => events.push(`told of ${expires} at ${clock.now() / 1000}`),
    onExpired: () => events.push(`ended at ${clock.now() / 1000}`),
  });
  return { clock, events, lifetime };
}

describe('the token of somebody in a room', () => {
  it('ends five minutes after its holder was told', () => {
    const { clock, events } = following(claims(2 * HOUR));
    clock.advance(3 * HOUR * 1000);
    expect(events).toEqual([`told of ${2 * HOUR} at ${2 * HOUR - 300}`, `ended at ${2 * HOUR}`]);
  });

  it('is told for its last tenth where it is short', () => {
    const { clock, events } = following(claims(60));
    clock.advance(60_000);
    expect(events).toEqual(['told of 60 at 54', 'ended at 60']);
  });

  it('is renewed as long as what it was issued from is valid', () => {
    const { clock, events } = following(claims(HOUR), [claims(2 * HOUR, HOUR - 300), claims(3 * HOUR, 2 * HOUR - 300)]);
    clock.advance(4 * HOUR * 1000);
    expect(events).toEqual([
      `renewed at ${HOUR - 300}`,
      `renewed at ${2 * HOUR - 300}`,
      `told of ${3 * HOUR} at ${3 * HOUR - 300}`,
      `ended at ${3 * HOUR}`,
    ]);
  });

  it('is followed for 31 days, longer than a timer can wait', () => {
    const days = 31 * 86_400;
    const { clock, events } = following(claims(days));
    clock.advance((days - 301) * 1000);
    expect(events).toEqual([]);
    clock.advance(301_000);
    expect(events).toEqual([`told of ${days} at ${days - 300}`, `ended at ${days}`]);
  });

  it('is replaced by one that its holder presents, and no longer followed when they leave', () => {
    const { clock, events, lifetime } = following(claims(HOUR));
    clock.advance((HOUR - 10) * 1000);
    expect(lifetime.replace(claims(HOUR - 1, HOUR - 10))).toBe(false);
    expect(lifetime.replace(claims(HOUR, HOUR - 10))).toBe(true);
    expect(lifetime.replace(claims(2 * HOUR, HOUR - 10))).toBe(true);
    clock.advance(1000 * 1000);
    expect(events).toEqual([`told of ${HOUR} at ${HOUR - 300}`]);
    lifetime.cancel();
    clock.advance(2 * HOUR * 1000);
    expect(events).toHaveLength(1);
  });
});
