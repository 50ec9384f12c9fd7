import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ConnectionScheduler } from '../../../../account/connection-scheduler.ts';
import { localConnectionLimiter } from '../../../../bot/session/connection-limiter.ts';
import type { TranslationError } from '../../../../bot/session/translation-session.ts';
import { Desk, error, french, type Speaker, spanish } from '../../../support/pool-desk.ts';

describe('SessionPool', () => {
  let desk: Desk;
  beforeEach(() => {
    desk = new Desk();
  });

  describe('when the service fails', () => {
    const fails = async (reason: TranslationError) => {
      desk.sessions.last.ends(reason);
      await desk.passes();
    };
    beforeEach(() => {
      desk = new Desk({ readies: false });
    });

    it('doubles the wait after each attempt, up to 8 s, and reports the reason', async () => {
      const ann = desk.speaks();
      await desk.passes();
      for (const waitMs of [500, 1000, 2000, 4000, 8000, 8000]) {
        const attempts = desk.opened.length;
        await fails(error('transient'));
        expect(ann.told).toContain(`waits ${waitMs} transient`);
        await desk.passes(waitMs - 1, 100);
        expect(desk.opened.length).toBe(attempts);
        await desk.passes(1);
        expect(desk.opened.length).toBe(attempts + 1);
      }
      desk.sessions.last.readies();
      await desk.passes();
      expect(ann.lease).toBeDefined();
    });

    it('shortens the wait by chance, by at most half', async () => {
      desk.random = 1;
      const ann = desk.speaks();
      await desk.passes();
      await fails(error('transient'));
      expect(ann.told).toContain('waits 250 transient');
    });

    it('starts with a short wait again after a session has opened', async () => {
      const ann = desk.speaks();
      await desk.passes();
      await fails(error('transient'));
      await desk.passes(500);
      await fails(error('transient'));
      await desk.passes(1000);
      desk.sessions.last.readies();
      await desk.passes();
      await fails(error('transient'));
      desk.speaks();
      await desk.passes(499, 499);
      expect(desk.opened).toHaveLength(3);
      await desk.passes(1);
      expect([ann.told.at(-1), desk.opened.length]).toEqual(['lost transient', 4]);
    });

    it('does not wait if the lost session had worked', async () => {
      desk.speaks();
      await desk.passes();
      desk.sessions.last.readies();
      await desk.passes();
      desk.sessions.last.hears('s1', 'one');
      await fails(error('transient'));
      desk.speaks();
      await desk.passes();
      expect(desk.opened).toHaveLength(2);
    });

    it('does not delay other kinds of session', async () => {
      desk.speaks();
      await desk.passes();
      await fails(error('transient'));
      desk.speaks(french);
      await desk.passes();
      expect(desk.opened).toEqual(['es', 'fr']);
    });

    it('reports throttling to the connection limiter, and waits', async () => {
      const ann = desk.speaks();
      await desk.passes();
      await fails(error('throttle'));
      expect([desk.granter.throttles, ann.told.includes('waits 500 throttle')]).toEqual([1, true]);
    });

    it('denies a kind for good whose settings are refused, and no other', async () => {
      const ann = desk.speaks();
      const bob = desk.speaks();
      await desk.passes();
      await fails(error('config'));
      const late = desk.speaks({ ...spanish });
      const dan = desk.speaks(french);
      await desk.passes(60_000, 10_000);
      for (const { told } of [ann, bob, late]) expect(told.at(-1)).toBe('denied config');
      expect(desk.opened).toEqual(['es', 'es', 'fr']);
      desk.sessions.last.readies();
      await desk.passes();
      expect(dan.told.at(-1)).toBe('granted');
    });

    it('denies all kinds for good if the account is refused, and opens no spare session', async () => {
      const [ann, bob] = [desk.speaks(), desk.speaks(french)];
      await desk.passes();
      await fails(error('account'));
      desk.pool.prepare([spanish, french]);
      const late = desk.speaks(french);
      await desk.passes(60_000, 10_000);
      for (const { told } of [ann, bob, late]) expect(told.at(-1)).toBe('denied account');
      expect(desk.opened).toHaveLength(2);
    });

    it('waits after a content error only if the session had not worked', async () => {
      const ann = desk.speaks();
      await desk.passes();
      desk.sessions.last.readies();
      await desk.passes();
      desk.sessions.last.hears('s1', 'one');
      await fails(error('content'));
      desk.speaks();
      await desk.passes();
      expect([ann.told.at(-1), desk.opened.length]).toEqual(['lost content', 2]);
      await fails(error('content'));
      expect(desk.opened).toHaveLength(2);
      await desk.passes(500);
      expect(desk.opened).toHaveLength(3);
    });

    it('ignores the end of a session that was retired', async () => {
      const ann = desk.speaks();
      await desk.passes();
      desk.sessions.last.readies();
      await desk.passes();
      ann.lease?.discard();
      await fails(error('account'));
      const bob = desk.speaks();
      await desk.passes();
      expect([bob.told.includes('denied account'), desk.opened.length]).toEqual([false, 2]);
    });

    it('ignores the release of a lease whose session was lost', async () => {
      const ann = desk.speaks();
      await desk.passes();
      desk.sessions.last.readies();
      await desk.passes();
      const lease = ann.lease;
      await fails(error('transient'));
      lease?.release();
      await desk.passes();
      expect(desk.clock.pending).toBe(1);
      await desk.passes(500);
      expect(desk.clock.pending).toBe(0);
    });
  });

  describe('once it is closed', () => {
    it('has ended all sessions, leaves no timer, and opens nothing', async () => {
      desk.pool.prepare([spanish, spanish, { ...spanish, voice: 'x' }]);
      const ann = desk.speaks();
      await desk.passes();
      desk.granter.waitMs = 5000;
      desk.speaks(french);
      desk.sessions.into('es').at(-1)?.ends(error('transient'));
      await desk.passes(100);
      desk.pool.close();
      desk.pool.close();
      expect(desk.clock.pending).toBe(0);
      ann.lease?.release();
      for (const session of desk.sessions.all) session.events.closed();
      desk.speaks();
      const opened = desk.opened.length;
      await desk.passes(60_000, 10_000);
      expect([desk.clock.pending, desk.opened.length]).toEqual([0, opened]);
      expect(ann.told.at(-1)).toBe('granted');
    });

    it('makes no reservation if a requester closes it when served', async () => {
      desk.granter.waitMs = 1000;
      desk.pool.prepare([spanish, spanish]);
      desk.speaks(spanish, { onGranted: () => desk.pool.close() });
      desk.speaks();
      await desk.passes(1000);
      const reserved = desk.granter.reservations.length;
      await desk.passes(5000);
      expect([desk.granter.reservations.length, desk.clock.pending]).toEqual([reserved, 0]);
    });

    it('opens nothing when a reservation is granted late', async () => {
      desk.granter.waitMs = 1000;
      desk.speaks();
      desk.pool.close();
      await desk.passes(5000);
      expect([desk.opened, desk.clock.pending]).toEqual([[], 0]);
    });

    it.each([0, 1])('hears no more of reservations that move or fail', async (failing) => {
      desk.granter.waitMs = 1000;
      desk.granter.failing = failing === 1;
      desk.speaks();
      await desk.passes(100);
      desk.pool.close();
      desk.granter.reservations[0]?.(300);
      expect(desk.clock.pending).toBe(0);
    });
  });

  it('ends the session that was idle for longest if there are 64, and waits if all are leased', async () => {
    const kinds = Array.from({ length: 66 }, (_, i) => ({ ...spanish, voice: `${i}` }));
    const speakers = kinds.slice(0, 64).map((kind) => desk.speaks(kind));
    await desk.passes(1000);
    expect(desk.opened).toHaveLength(64);
    speakers[7]?.lease?.release();
    await desk.passes(100);
    speakers[3]?.lease?.release();
    await desk.passes(100);
    const one = desk.speaks(kinds[64]);
    await desk.passes(100);
    expect([one.told.at(-1), desk.session(7).finishes, desk.session(3).finishes]).toEqual(['granted', 1, 0]);
  });

  it('makes no reservation while all 64 sessions are leased', async () => {
    const kinds = Array.from({ length: 65 }, (_, i) => ({ ...spanish, voice: `${i}` }));
    const speakers = kinds.slice(0, 64).map((kind) => desk.speaks(kind));
    await desk.passes(1000);
    const before = desk.granter.reservations.length;
    const one = desk.speaks(kinds[64]);
    await desk.passes(60_000);
    expect(desk.granter.reservations).toHaveLength(before);
    speakers[5]?.lease?.release();
    await desk.passes(1000);
    expect(one.told.at(-1)).toBe('granted');
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
        const busy = new Desk({
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
          else if (does === 'cancels') speaker?.claim?.cancel();
          else if (does === 'cut' && session?.finishes === 0) session.ends(error('transient'));
          else if (does === 'refused' && session?.finishes === 0) session.ends(error('throttle'));
          if (['ends', 'discards', 'cancels'].includes(does)) speakers.delete(who);
          for (let ms = 0; ms <= afterMs; ms += 500) {
            await busy.passes(Math.min(500, afterMs), 500);
            count();
          }
        }
        for (const at of connections) {
          expect(connections.filter((other) => other >= at && other < at + 60_000).length).toBeLessThanOrEqual(8);
        }
        await busy.passes(200_000, 5000);
        for (const { told } of speakers.values()) expect(told.some((one) => /granted|lost/.test(one))).toBe(true);
        busy.pool.close();
        busy.clock.advance(0);
        expect(busy.clock.pending).toBe(0);
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});
