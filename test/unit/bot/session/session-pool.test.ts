import { beforeEach, describe, expect, it } from 'vitest';
import type { SessionOptions } from '../../../../bot/session/translation-session.ts';
import { sessionKey } from '../../../../bot/session/translation-session.ts';
import { Desk, french, SESSION_IDLE_TIMEOUT_MS, type Speaker, spanish } from '../../../support/pool-desk.ts';

describe('SessionPool', () => {
  let desk: Desk;
  beforeEach(() => {
    desk = new Desk();
  });

  describe('opens a connection', () => {
    it('for who begins to speak, when the permit falls due and not before', async () => {
      desk.granter.waitMs = 3000;
      const ann = desk.speaks();
      await desk.passes(2900);
      expect([desk.opened, ann.told[0]]).toEqual([[], 'waits undefined']);
      expect(ann.told).toContain('waits 3000');
      await desk.passes(100);
      expect([desk.opened, ann.told.at(-1), desk.granter.bookings.length]).toEqual([['es'], 'granted', 1]);
    });

    it('and none where a session of the kind is idle', async () => {
      const ann = desk.speaks();
      await desk.passes();
      ann.lease?.release();
      const bob = desk.speaks();
      await desk.passes();
      bob.lease?.send(new Int16Array(160));
      expect([desk.opened, bob.told, desk.session(0).sentMs]).toEqual([['es'], ['granted'], 10]);
    });

    it('and none where a session comes back before the permit falls due, though the permit is spent', async () => {
      const ann = desk.speaks();
      await desk.passes();
      desk.granter.waitMs = 5000;
      const bob = desk.speaks();
      await desk.passes(1000);
      ann.lease?.release();
      await desk.passes(10_000);
      expect([bob.told.at(-1), desk.opened, desk.granter.bookings.length]).toEqual(['granted', ['es'], 2]);
    });

    it('and none for who does not want it any more', async () => {
      desk.granter.waitMs = 1000;
      const ann = desk.speaks();
      await desk.passes(500);
      ann.claim?.cancel();
      await desk.passes(5000);
      expect([ann.told.includes('granted'), desk.opened]).toEqual([false, []]);
    });

    it('for another, where who booked it wants it no more', async () => {
      desk.granter.waitMs = 1000;
      const ann = desk.speaks();
      await desk.passes(500);
      desk.granter.waitMs = 60_000;
      const bob = desk.speaks(french);
      await desk.passes(100);
      ann.claim?.cancel();
      await desk.passes(500);
      expect([desk.opened, bob.told.at(-1)]).toEqual([['fr'], 'granted']);
    });

    it('for at most 8 at a time: more are not booked ahead', async () => {
      desk.granter.waitMs = 1000;
      const speakers = Array.from({ length: 20 }, (_, i) => desk.speaks({ ...spanish, voice: `voice ${i}` }));
      await desk.passes(900);
      expect(desk.granter.bookings).toHaveLength(8);
      await desk.passes(5000);
      expect(speakers.every(({ lease }) => lease)).toBe(true);
      expect(desk.granter.bookings).toHaveLength(20);
    });

    it('when a booking has moved, at its new time, later or earlier', async () => {
      desk.granter.waitMs = 2000;
      const ann = desk.speaks();
      await desk.passes(1000);
      desk.granter.bookings[0]?.(60_000);
      await desk.passes(59_900);
      expect([desk.opened, ann.told.at(-1)]).toEqual([[], 'waits 60000']);
      desk.granter.bookings[0]?.(5000);
      desk.granter.bookings[0]?.(50);
      await desk.passes(50, 50);
      expect(ann.told.at(-1)).toBe('granted');
    });

    it('once for each booking, though word of its move comes when it is spent', async () => {
      desk.granter.waitMs = 1000;
      desk.speaks();
      await desk.passes(1000);
      desk.granter.waitMs = 600_000;
      desk.speaks();
      desk.speaks();
      await desk.passes(100);
      desk.granter.bookings[0]?.(2000);
      await desk.passes(5000);
      expect(desk.opened).toEqual(['es']);
      desk.pool.close();
      expect(desk.clock.pending).toBe(0);
    });

    it('when the permit could not be asked for, after asking again in 3 s', async () => {
      desk.granter.failing = true;
      const ann = desk.speaks();
      await desk.passes(2900);
      expect(desk.granter.bookings).toHaveLength(1);
      desk.granter.failing = false;
      await desk.passes(200);
      expect([desk.granter.bookings.length, ann.told.at(-1)]).toEqual([2, 'granted']);
    });
  });

  describe('serves', () => {
    it('who waits longest first', async () => {
      desk = new Desk({ readies: false });
      const speakers = [desk.speaks(), desk.speaks(), desk.speaks()];
      await desk.passes();
      const served = () => speakers.map(({ lease }) => lease !== undefined);
      desk.session(2).readies();
      await desk.passes();
      expect(served()).toEqual([true, false, false]);
      desk.session(0).readies();
      await desk.passes();
      expect(served()).toEqual([true, true, false]);
    });

    it('each kind by itself', async () => {
      desk = new Desk({ readies: false });
      const [ann, bob] = [desk.speaks(spanish), desk.speaks(french)];
      await desk.passes();
      desk.sessions.into('fr')[0]?.readies();
      await desk.passes();
      expect([ann.lease, bob.told.at(-1)]).toEqual([undefined, 'granted']);
    });

    it('nobody who cancelled while another was being served', async () => {
      const [ann, bob] = [desk.speaks(), desk.speaks()];
      await desk.passes();
      ann.lease?.release();
      bob.lease?.release();
      let dan: Speaker | undefined;
      desk.speaks(spanish, { onGranted: () => dan?.claim?.cancel() });
      dan = desk.speaks();
      await desk.passes();
      expect(dan.told).toEqual([]);
    });

    it('readers before listeners where somebody waits for more than 20 s, else in the order of asking', async () => {
      desk.granter.waitMs = 30_000;
      const listener = desk.speaks(spanish, { read: false });
      await desk.passes(5000, 1000);
      const reader = desk.speaks(french);
      await desk.passes(25_000, 1000);
      expect([reader.told.at(-1), listener.lease]).toEqual(['granted', undefined]);
      await desk.passes(5000, 1000);
      expect(listener.told.at(-1)).toBe('granted');
    });

    it('a listener who came first before a reader, where nobody waits for long', async () => {
      desk.granter.waitMs = 15_000;
      const listener = desk.speaks(spanish, { read: false });
      await desk.passes(5000, 1000);
      desk.speaks(french);
      await desk.passes(10_000, 1000);
      expect([desk.opened, listener.told.at(-1)]).toEqual([['es'], 'granted']);
    });

    it('the reader of two who wait for the same session for more than 20 s', async () => {
      const ann = desk.speaks();
      await desk.passes();
      desk.granter.waitMs = 600_000;
      const listener = desk.speaks(spanish, { read: false });
      const reader = desk.speaks(spanish);
      await desk.passes(21_000, 1000);
      ann.lease?.release();
      await desk.passes();
      expect([reader.told.at(-1), listener.lease]).toEqual(['granted', undefined]);
    });

    it('the session that was used last, so that others come to their end', async () => {
      const [ann, bob] = [desk.speaks(), desk.speaks()];
      await desk.passes();
      ann.lease?.release();
      await desk.passes(1000);
      bob.lease?.release();
      await desk.passes(1000);
      const dan = desk.speaks();
      await desk.passes();
      dan.lease?.send(new Int16Array(160));
      expect([desk.session(0).sentMs, desk.session(1).sentMs]).toEqual([0, 10]);
    });

    it('nothing twice: a lease that was given back does nothing', async () => {
      const ann = desk.speaks();
      await desk.passes();
      const before = ann.lease;
      before?.release();
      const bob = desk.speaks();
      await desk.passes();
      before?.send(new Int16Array(160));
      expect(before?.sendImage(new Uint8Array(1))).toBe(false);
      before?.release();
      before?.discard();
      const dan = desk.speaks();
      await desk.passes();
      expect([desk.session(0).sent, desk.session(0).finishes, bob.told]).toEqual([[], 0, ['granted']]);
      expect(dan.lease).toBeDefined();
      expect(desk.opened).toHaveLength(2);
    });
  });

  describe('an idle session', () => {
    it('is held for a time, then ended in order, and not leased afterwards', async () => {
      const ann = desk.speaks();
      await desk.passes();
      await desk.passes(SESSION_IDLE_TIMEOUT_MS + 1000, 10_000);
      expect(desk.session(0).finishes).toBe(0);
      ann.lease?.release();
      await desk.passes(SESSION_IDLE_TIMEOUT_MS - 100, 10_000);
      expect(desk.session(0).finishes).toBe(0);
      await desk.passes(100);
      expect(desk.session(0).finishes).toBe(1);
      desk.speaks();
      await desk.passes();
      expect(desk.opened).toHaveLength(2);
    });

    it('is held anew each time that it comes back', async () => {
      for (let i = 0; i < 3; i++) {
        const ann = desk.speaks();
        await desk.passes(SESSION_IDLE_TIMEOUT_MS / 2, 10_000);
        ann.lease?.release();
        await desk.passes(SESSION_IDLE_TIMEOUT_MS / 2, 10_000);
      }
      expect([desk.opened, desk.session(0).finishes]).toEqual([['es'], 0]);
    });

    it('that was discarded is for nobody', async () => {
      const ann = desk.speaks();
      await desk.passes();
      ann.lease?.discard();
      desk.speaks();
      await desk.passes();
      expect([desk.session(0).finishes, desk.opened.length]).toEqual([1, 2]);
    });
  });

  describe('of those who may speak', () => {
    const idle = () => desk.opened.length;

    it('makes one session of each kind ready, however many they are', async () => {
      desk.pool.prepare([spanish, spanish, spanish, french]);
      await desk.passes(5000);
      expect(desk.opened.toSorted()).toEqual(['es', 'fr']);
    });

    it('makes one more ready than are in use, and no more than there are speakers', async () => {
      desk.pool.prepare([spanish, spanish, spanish]);
      await desk.passes();
      for (const opened of [2, 3, 3]) {
        const speaker = desk.speaks();
        await desk.passes();
        expect(speaker.told).toEqual(['granted']);
        expect(idle()).toBe(opened);
      }
    });

    it('serves who waits before it makes one ready', async () => {
      desk.granter.waitMs = 1000;
      desk.pool.prepare([french]);
      desk.speaks(spanish);
      await desk.passes(900);
      desk.granter.waitMs = 50_000;
      await desk.passes(100);
      expect(desk.opened[0]).toBe('es');
    });

    it('makes none ready of a kind that nobody speaks any more', async () => {
      desk.granter.waitMs = 1000;
      desk.pool.prepare([spanish]);
      await desk.passes(500);
      desk.pool.prepare([]);
      await desk.passes(5000);
      expect(desk.opened).toEqual([]);
    });

    it('does not replace one that nobody used', async () => {
      desk.pool.prepare([spanish]);
      await desk.passes(SESSION_IDLE_TIMEOUT_MS + 60_000, 10_000);
      expect([desk.opened.length, desk.session(0).finishes]).toEqual([1, 1]);
    });
  });

  describe('a session that is used up', () => {
    it('says so, is replaced before, and goes to nobody else', async () => {
      desk.pool.prepare([spanish]);
      const ann = desk.speaks();
      await desk.passes();
      const { events } = desk.session(0);
      events.usage({ inputAudio: 37_900, total: 38_000 });
      await desk.passes();
      expect(desk.opened).toHaveLength(1);
      events.usage({ inputAudio: 200, total: 300 });
      await desk.passes();
      expect([desk.opened.length, ann.lease?.isExpired, desk.granter.tokens]).toEqual([2, false, 38_300]);
      events.usage({ inputAudio: 2000 });
      expect(ann.lease?.isExpired).toBe(true);
      const bob = desk.speaks();
      await desk.passes();
      bob.lease?.send(new Int16Array(160));
      expect(desk.session(1).sentMs).toBe(10);
      ann.lease?.release();
      await desk.passes();
      expect([desk.session(0).finishes, desk.session(1).finishes]).toEqual([1, 0]);
    });

    it('while it is idle, goes to nobody either', async () => {
      const ann = desk.speaks();
      await desk.passes(109 * 60_000, 60_000);
      ann.lease?.release();
      await desk.passes(2 * 60_000, 60_000);
      expect(desk.session(0).finishes).toBe(0);
      desk.speaks();
      await desk.passes();
      expect(desk.opened).toHaveLength(2);
    });

    it('is so after 110 minutes, too', async () => {
      desk.pool.prepare([spanish]);
      const ann = desk.speaks();
      await desk.passes();
      await desk.passes(105 * 60_000, 60_000);
      desk.session(0).events.usage({ total: 1 });
      await desk.passes();
      expect([desk.opened.length, ann.lease?.isExpired]).toEqual([2, false]);
      await desk.passes(5 * 60_000, 60_000);
      expect(ann.lease?.isExpired).toBe(true);
    });
  });
});

describe('keyOf', () => {
  it('is the same for sessions that can stand for each other', () => {
    expect(sessionKey({ ...spanish })).toBe(sessionKey(spanish));
    expect(sessionKey({ ...spanish, transcript: true, hotwords: {} })).toBe(sessionKey(spanish));
    expect(sessionKey({ ...spanish, hotwords: { a: 'x', b: 'y' } })).toBe(
      sessionKey({ ...spanish, hotwords: { b: 'y', a: 'x' } }),
    );
  });

  it('differs by whatever a session is asked for', () => {
    const kinds: SessionOptions[] = [
      spanish,
      french,
      { ...spanish, source: 'de' },
      { ...spanish, audio: false },
      { ...spanish, voice: 'x' },
      { ...spanish, transcript: false },
      { ...spanish, hotwords: { a: 'x' } },
      { ...spanish, hotwords: { a: 'y' } },
    ];
    expect(new Set(kinds.map(sessionKey)).size).toBe(kinds.length);
  });
});
