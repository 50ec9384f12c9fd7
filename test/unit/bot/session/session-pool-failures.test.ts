import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ConnectionScheduler } from '../../../../account/connection-scheduler.ts';
import { localConnectionLimiter } from '../../../../bot/session/connection-limiter.ts';
import type { TranslationError } from '../../../../bot/session/translation-session.ts';
import { error, french, SessionPoolFixture, type Speaker, spanish } from '../../../support/session-pool-fixture.ts';

describe('SessionPool', () => {
  let fixture: SessionPoolFixture;
  beforeEach(() => {
    fixture = new SessionPoolFixture();
  });

  describe('when the service fails', () => {
    const fails = async (reason: TranslationError) => {
      fixture.sessions.last.ends(reason);
      await fixture.passTime();
    };
    beforeEach(() => {
      fixture = new SessionPoolFixture({ readies: false });
    });

    it('doubles the wait after each attempt, up to 8 s, and reports the reason', async () => {
      const ann = fixture.speaks();
      await fixture.passTime();
      for (const waitMs of [500, 1000, 2000, 4000, 8000, 8000]) {
        const attempts = fixture.opened.length;
        await fails(error('transient'));
        expect(ann.events).toContain(`waits ${waitMs} transient`);
        await fixture.passTime(waitMs - 1, 100);
        expect(fixture.opened.length).toBe(attempts);
        await fixture.passTime(1);
        expect(fixture.opened.length).toBe(attempts + 1);
      }
      fixture.sessions.last.readies();
      await fixture.passTime();
      expect(ann.lease).toBeDefined();
    });

    it('shortens the wait by chance, by at most half', async () => {
      fixture.random = 1;
      const ann = fixture.speaks();
      await fixture.passTime();
      await fails(error('transient'));
      expect(ann.events).toContain('waits 250 transient');
    });

    it('starts with a short wait again after a session has opened', async () => {
      const ann = fixture.speaks();
      await fixture.passTime();
      await fails(error('transient'));
      await fixture.passTime(500);
      await fails(error('transient'));
      await fixture.passTime(1000);
      fixture.sessions.last.readies();
      await fixture.passTime();
      await fails(error('transient'));
      fixture.speaks();
      await fixture.passTime(499, 499);
      expect(fixture.opened).toHaveLength(3);
      await fixture.passTime(1);
      expect([ann.events.at(-1), fixture.opened.length]).toEqual(['lost transient', 4]);
    });

    it('does not wait if the lost session had worked', async () => {
      fixture.speaks();
      await fixture.passTime();
      fixture.sessions.last.readies();
      await fixture.passTime();
      fixture.sessions.last.hears('s1', 'one');
      await fails(error('transient'));
      fixture.speaks();
      await fixture.passTime();
      expect(fixture.opened).toHaveLength(2);
    });

    it('does not delay other kinds of session', async () => {
      fixture.speaks();
      await fixture.passTime();
      await fails(error('transient'));
      fixture.speaks(french);
      await fixture.passTime();
      expect(fixture.opened).toEqual(['es', 'fr']);
    });

    it('reports throttling to the connection limiter, and waits', async () => {
      const ann = fixture.speaks();
      await fixture.passTime();
      await fails(error('throttle'));
      expect([fixture.connectionLimiter.throttles, ann.events.includes('waits 500 throttle')]).toEqual([1, true]);
    });

    it('denies a kind whose settings are refused, and no other', async () => {
      const ann = fixture.speaks();
      const bob = fixture.speaks();
      await fixture.passTime();
      await fails(error('config'));
      const late = fixture.speaks({ ...spanish });
      const dan = fixture.speaks(french);
      await fixture.passTime(59_000, 1000);
      for (const { events: told } of [ann, bob, late]) expect(told.at(-1)).toBe('denied config');
      expect(fixture.opened).toEqual(['es', 'es', 'fr']);
      fixture.sessions.last.readies();
      await fixture.passTime();
      expect(dan.events.at(-1)).toBe('granted');
    });

    it('denies all kinds if the account is refused, and opens no spare session meanwhile', async () => {
      const [ann, bob] = [fixture.speaks(), fixture.speaks(french)];
      await fixture.passTime();
      await fails(error('account'));
      fixture.pool.prepare([spanish, french]);
      const late = fixture.speaks(french);
      await fixture.passTime(59_000, 1000);
      for (const { events: told } of [ann, bob, late]) expect(told.at(-1)).toBe('denied account');
      expect(fixture.opened).toHaveLength(2);
    });

    it.each(['config', 'account'] as const)(
      'tries a denied kind again by itself, after a minute at first and ten minutes at last (%s)',
      async (kind) => {
        fixture.pool.prepare([spanish]);
        await fixture.passTime();
        for (const minutes of [1, 2, 4, 8, 10, 10]) {
          const before = fixture.opened.length;
          await fails(error(kind));
          await fixture.passTime(minutes * 60_000 - 1, 10_000);
          expect(fixture.opened.length).toBe(before);
          await fixture.passTime(1);
          expect(fixture.opened.length).toBe(before + 1);
        }
        expect(fixture.pool.denial(spanish)?.class, 'while it is tried').toBe(kind);
        fixture.sessions.last.readies();
        await fixture.passTime();
        expect(fixture.pool.denial(spanish)).toBeUndefined();
        expect(fixture.denialChanges).toBe(7);
        fixture.speaks();
        const late = fixture.speaks({ ...spanish });
        await fixture.passTime();
        fixture.sessions.last.readies();
        await fixture.passTime();
        expect(late.events).toContain('granted');
      },
    );

    it('finds out by one session whether the account is still refused, and then opens what is needed', async () => {
      fixture.pool.prepare([spanish, french, { ...spanish, voice: 'x' }]);
      await fixture.passTime();
      for (const session of fixture.sessions.all) session.ends(error('account'));
      await fixture.passTime(60_000, 10_000);
      expect(fixture.opened).toHaveLength(3 + 1);
      fixture.sessions.last.readies();
      await fixture.passTime();
      expect(fixture.opened).toHaveLength(3 + 3);
    });

    it('waits after a content error only if the session had not worked', async () => {
      const ann = fixture.speaks();
      await fixture.passTime();
      fixture.sessions.last.readies();
      await fixture.passTime();
      fixture.sessions.last.hears('s1', 'one');
      await fails(error('content'));
      fixture.speaks();
      await fixture.passTime();
      expect([ann.events.at(-1), fixture.opened.length]).toEqual(['lost content', 2]);
      await fails(error('content'));
      expect(fixture.opened).toHaveLength(2);
      await fixture.passTime(500);
      expect(fixture.opened).toHaveLength(3);
    });

    it('ignores the end of a session that was retired', async () => {
      const ann = fixture.speaks();
      await fixture.passTime();
      fixture.sessions.last.readies();
      await fixture.passTime();
      ann.lease?.discard();
      await fails(error('account'));
      const bob = fixture.speaks();
      await fixture.passTime();
      expect([bob.events.includes('denied account'), fixture.opened.length]).toEqual([false, 2]);
    });

    it('ignores the release of a lease whose session was lost', async () => {
      const ann = fixture.speaks();
      await fixture.passTime();
      fixture.sessions.last.readies();
      await fixture.passTime();
      const lease = ann.lease;
      await fails(error('transient'));
      lease?.release();
      await fixture.passTime();
      expect(fixture.clock.pending).toBe(1);
      await fixture.passTime(500);
      expect(fixture.clock.pending).toBe(0);
    });
  });

  describe('once it is closed', () => {
    it('has ended all sessions, leaves no timer, and opens nothing', async () => {
      fixture.pool.prepare([spanish, spanish, { ...spanish, voice: 'x' }]);
      const ann = fixture.speaks();
      await fixture.passTime();
      fixture.connectionLimiter.waitMs = 5000;
      fixture.speaks(french);
      fixture.sessions.into('es').at(-1)?.ends(error('transient'));
      await fixture.passTime(100);
      fixture.pool.close();
      fixture.pool.close();
      expect(fixture.clock.pending).toBe(0);
      ann.lease?.release();
      for (const session of fixture.sessions.all) session.events.closed();
      fixture.speaks();
      const opened = fixture.opened.length;
      await fixture.passTime(60_000, 10_000);
      expect([fixture.clock.pending, fixture.opened.length]).toEqual([0, opened]);
      expect(ann.events.at(-1)).toBe('granted');
    });

    it('makes no reservation if a requester closes it when served', async () => {
      fixture.connectionLimiter.waitMs = 1000;
      fixture.pool.prepare([spanish, spanish]);
      fixture.speaks(spanish, { onGranted: () => fixture.pool.close() });
      fixture.speaks();
      await fixture.passTime(1000);
      const reserved = fixture.connectionLimiter.reservations.length;
      await fixture.passTime(5000);
      expect([fixture.connectionLimiter.reservations.length, fixture.clock.pending]).toEqual([reserved, 0]);
    });

    it('opens nothing when a reservation is granted late', async () => {
      fixture.connectionLimiter.waitMs = 1000;
      fixture.speaks();
      fixture.pool.close();
      await fixture.passTime(5000);
      expect([fixture.opened, fixture.clock.pending]).toEqual([[], 0]);
    });

    it.each([0, 1])('ignores reservations that move or fail later', async (failing) => {
      fixture.connectionLimiter.waitMs = 1000;
      fixture.connectionLimiter.failing = failing === 1;
      fixture.speaks();
      await fixture.passTime(100);
      fixture.pool.close();
      fixture.connectionLimiter.reservations[0]?.(300);
      expect(fixture.clock.pending).toBe(0);
    });
  });

  it('ends the session that was idle for longest if there are 64, and waits if all are leased', async () => {
    const kinds = Array.from({ length: 66 }, (_, i) => ({ ...spanish, voice: `${i}` }));
    const speakers = kinds.slice(0, 64).map((kind) => fixture.speaks(kind));
    await fixture.passTime(1000);
    expect(fixture.opened).toHaveLength(64);
    speakers[7]?.lease?.release();
    await fixture.passTime(100);
    speakers[3]?.lease?.release();
    await fixture.passTime(100);
    const one = fixture.speaks(kinds[64]);
    await fixture.passTime(100);
    expect([one.events.at(-1), fixture.session(7).finishes, fixture.session(3).finishes]).toEqual(['granted', 1, 0]);
  });

  it('holds as many sessions as it is set to, and lets one more speaker wait', async () => {
    const large = new SessionPoolFixture({ maxSessions: 150 });
    const speakers = Array.from({ length: 151 }, (_, i) => large.speaks({ ...spanish, voice: `${i}` }));
    await large.passTime(3000);
    expect(large.opened).toHaveLength(150);
    expect(speakers.filter(({ lease }) => lease)).toHaveLength(150);
    speakers[0]?.lease?.release();
    await large.passTime(1000);
    expect(speakers.filter(({ events }) => events.includes('granted'))).toHaveLength(151);
    large.pool.close();
  });

  it('opens no more connections in a minute than the account allows, of many more sessions', async () => {
    const large = new SessionPoolFixture({
      maxSessions: 200,
      connectionLimiter: (clock) =>
        localConnectionLimiter(
          new ConnectionScheduler({ connectionsPerMinute: 100, tokensPerMinute: 10_000_000 }),
          clock,
        ),
    });
    for (let i = 0; i < 130; i++) large.speaks({ ...spanish, voice: `${i}` });
    await large.passTime(60_000, 500);
    expect(large.opened.length).toBeGreaterThan(90);
    expect(large.opened.length).toBeLessThanOrEqual(100);
    await large.passTime(30_000, 500);
    expect(large.opened).toHaveLength(130);
    large.pool.close();
  });

  it('makes no reservation while all 64 sessions are leased', async () => {
    const kinds = Array.from({ length: 65 }, (_, i) => ({ ...spanish, voice: `${i}` }));
    const speakers = kinds.slice(0, 64).map((kind) => fixture.speaks(kind));
    await fixture.passTime(1000);
    const before = fixture.connectionLimiter.reservations.length;
    const one = fixture.speaks(kinds[64]);
    await fixture.passTime(60_000);
    expect(fixture.connectionLimiter.reservations).toHaveLength(before);
    speakers[5]?.lease?.release();
    await fixture.passTime(1000);
    expect(one.events.at(-1)).toBe('granted');
  });

  it('never exceeds the connection limit, mixes no kinds, and serves every request', async () => {
    const action = fc.record({
      who: fc.nat(7),
      kind: fc.constantFrom(spanish, french, { ...spanish, audio: false }),
      does: fc.constantFrom('speaks', 'speaks', 'ends', 'cancels', 'cut', 'refused', 'discards'),
      afterMs: fc.constantFrom(0, 100, 1500, 20_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
        const limits = { connectionsPerMinute: 8, tokensPerMinute: 100_000 };
        const busy = new SessionPoolFixture({
          connectionLimiter: (clock) => localConnectionLimiter(new ConnectionScheduler(limits, { earlier: [] }), clock),
        });
        busy.pool.prepare([spanish, spanish, french]);
        const connections: number[] = [];
        const speakers = new Map<number, Speaker>();
        const count = () => {
          while (connections.length < busy.sessions.all.length) connections.push(busy.clock.now());
        };
        for (const { who, kind, does, afterMs } of actions) {
          const speaker = speakers.get(who);
          const session = busy.sessions.all[who % Math.max(1, busy.sessions.all.length)];
          if (does === 'speaks' && !speaker) speakers.set(who, busy.speaks(kind));
          else if (does === 'ends') speaker?.lease?.release();
          else if (does === 'discards') speaker?.lease?.discard();
          else if (does === 'cancels') speaker?.request?.cancel();
          else if (does === 'cut' && session?.finishes === 0) session.ends(error('transient'));
          else if (does === 'refused' && session?.finishes === 0) session.ends(error('throttle'));
          if (['ends', 'discards', 'cancels'].includes(does)) speakers.delete(who);
          for (let ms = 0; ms <= afterMs; ms += 500) {
            await busy.passTime(Math.min(500, afterMs), 500);
            count();
          }
        }
        for (const at of connections) {
          expect(connections.filter((other) => other >= at && other < at + 60_000).length).toBeLessThanOrEqual(8);
        }
        await busy.passTime(200_000, 5000);
        for (const { events: told } of speakers.values())
          expect(told.some((one) => /granted|lost/.test(one))).toBe(true);
        busy.pool.close();
        busy.clock.advance(0);
        expect(busy.clock.pending).toBe(0);
      }),
      { numRuns: 25 },
    );
  });
});
