import { beforeEach, describe, expect, it } from 'vitest';
import type { SessionOptions } from '../../../../bot/session/translation-session.ts';
import { sessionKey } from '../../../../bot/session/translation-session.ts';
import { Desk, french, SESSION_IDLE_TIMEOUT_MS, type Speaker, spanish } from '../../../support/pool-desk.ts';

describe('SessionPool', () => {
  let desk: Desk;
  beforeEach(() => {
    desk = new Desk();
  });

  describe('connections', () => {
    it('opens a connection for whoever starts to speak, when the reservation falls due and not before', async () => {
      desk.granter.waitMs = 3000;
      const ann = desk.speaks();
      await desk.passes(2900);
      expect([desk.opened, ann.told[0]]).toEqual([[], 'waits undefined']);
      expect(ann.told).toContain('waits 3000');
      await desk.passes(100);
      expect([desk.opened, ann.told.at(-1), desk.granter.reservations.length]).toEqual([['es'], 'granted', 1]);
    });

    it('opens no connection if a session of the kind is idle', async () => {
      const ann = desk.speaks();
      await desk.passes();
      ann.lease?.release();
      const bob = desk.speaks();
      await desk.passes();
      bob.lease?.send(new Int16Array(160));
      expect([desk.opened, bob.told, desk.session(0).sentMs]).toEqual([['es'], ['granted'], 10]);
    });

    it('opens no connection if a session is released before the reservation falls due, although that is then spent', async () => {
      const ann = desk.speaks();
      await desk.passes();
      desk.granter.waitMs = 5000;
      const bob = desk.speaks();
      await desk.passes(1000);
      ann.lease?.release();
      await desk.passes(10_000);
      expect([bob.told.at(-1), desk.opened, desk.granter.reservations.length]).toEqual(['granted', ['es'], 2]);
    });

    it('opens no connection for a cancelled request', async () => {
      desk.granter.waitMs = 1000;
      const ann = desk.speaks();
      await desk.passes(500);
      ann.claim?.cancel();
      await desk.passes(5000);
      expect([ann.told.includes('granted'), desk.opened]).toEqual([false, []]);
    });

    it('uses the reservation of a cancelled request for another request', async () => {
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

    it('holds at most 8 reservations at a time', async () => {
      desk.granter.waitMs = 1000;
      const speakers = Array.from({ length: 20 }, (_, i) => desk.speaks({ ...spanish, voice: `voice ${i}` }));
      await desk.passes(900);
      expect(desk.granter.reservations).toHaveLength(8);
      await desk.passes(5000);
      expect(speakers.every(({ lease }) => lease)).toBe(true);
      expect(desk.granter.reservations).toHaveLength(20);
    });

    it('opens the connection at the new time when a reservation moves later or earlier', async () => {
      desk.granter.waitMs = 2000;
      const ann = desk.speaks();
      await desk.passes(1000);
      desk.granter.reservations[0]?.(60_000);
      await desk.passes(59_900);
      expect([desk.opened, ann.told.at(-1)]).toEqual([[], 'waits 60000']);
      desk.granter.reservations[0]?.(5000);
      desk.granter.reservations[0]?.(50);
      await desk.passes(50, 50);
      expect(ann.told.at(-1)).toBe('granted');
    });

    it('opens one connection for each reservation, even if it is moved after it fell due', async () => {
      desk.granter.waitMs = 1000;
      desk.speaks();
      await desk.passes(1000);
      desk.granter.waitMs = 600_000;
      desk.speaks();
      desk.speaks();
      await desk.passes(100);
      desk.granter.reservations[0]?.(2000);
      await desk.passes(5000);
      expect(desk.opened).toEqual(['es']);
      desk.pool.close();
      expect(desk.clock.pending).toBe(0);
    });

    it('reserves again after 3 s if the reservation failed', async () => {
      desk.granter.failing = true;
      const ann = desk.speaks();
      await desk.passes(2900);
      expect(desk.granter.reservations).toHaveLength(1);
      desk.granter.failing = false;
      await desk.passes(200);
      expect([desk.granter.reservations.length, ann.told.at(-1)]).toEqual([2, 'granted']);
    });
  });

  describe('order of requests', () => {
    it('serves the longest waiting request first', async () => {
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

    it('serves each kind of session separately', async () => {
      desk = new Desk({ readies: false });
      const [ann, bob] = [desk.speaks(spanish), desk.speaks(french)];
      await desk.passes();
      desk.sessions.into('fr')[0]?.readies();
      await desk.passes();
      expect([ann.lease, bob.told.at(-1)]).toEqual([undefined, 'granted']);
    });

    it('skips a request that was cancelled while another was being served', async () => {
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

    it('serves readers before listeners if somebody waits for more than 20 s, and otherwise in the order of requests', async () => {
      desk.granter.waitMs = 30_000;
      const listener = desk.speaks(spanish, { read: false });
      await desk.passes(5000, 1000);
      const reader = desk.speaks(french);
      await desk.passes(25_000, 1000);
      expect([reader.told.at(-1), listener.lease]).toEqual(['granted', undefined]);
      await desk.passes(5000, 1000);
      expect(listener.told.at(-1)).toBe('granted');
    });

    it('serves a listener before a later reader if nobody waits for long', async () => {
      desk.granter.waitMs = 15_000;
      const listener = desk.speaks(spanish, { read: false });
      await desk.passes(5000, 1000);
      desk.speaks(french);
      await desk.passes(10_000, 1000);
      expect([desk.opened, listener.told.at(-1)]).toEqual([['es'], 'granted']);
    });

    it('serves the reader first of two requests that wait for the same session for more than 20 s', async () => {
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

    it('leases the session that was used last, so that the others reach their idle timeout', async () => {
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

    it('ignores calls on a lease that was given back', async () => {
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
    it('is kept for the idle timeout, then finished, and not leased afterwards', async () => {
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

    it('is kept for the whole idle timeout each time that it is released', async () => {
      for (let i = 0; i < 3; i++) {
        const ann = desk.speaks();
        await desk.passes(SESSION_IDLE_TIMEOUT_MS / 2, 10_000);
        ann.lease?.release();
        await desk.passes(SESSION_IDLE_TIMEOUT_MS / 2, 10_000);
      }
      expect([desk.opened, desk.session(0).finishes]).toEqual([['es'], 0]);
    });

    it('is not leased again if it was discarded', async () => {
      const ann = desk.speaks();
      await desk.passes();
      ann.lease?.discard();
      desk.speaks();
      await desk.passes();
      expect([desk.session(0).finishes, desk.opened.length]).toEqual([1, 2]);
    });
  });

  describe('prepare', () => {
    const idle = () => desk.opened.length;

    it('opens one session of each kind, however many people may speak', async () => {
      desk.pool.prepare([spanish, spanish, spanish, french]);
      await desk.passes(5000);
      expect(desk.opened.toSorted()).toEqual(['es', 'fr']);
    });

    it('keeps one more session ready than are in use, but no more than there are speakers', async () => {
      desk.pool.prepare([spanish, spanish, spanish]);
      await desk.passes();
      for (const opened of [2, 3, 3]) {
        const speaker = desk.speaks();
        await desk.passes();
        expect(speaker.told).toEqual(['granted']);
        expect(idle()).toBe(opened);
      }
    });

    it('serves waiting requests before it opens a spare session', async () => {
      desk.granter.waitMs = 1000;
      desk.pool.prepare([french]);
      desk.speaks(spanish);
      await desk.passes(900);
      desk.granter.waitMs = 50_000;
      await desk.passes(100);
      expect(desk.opened[0]).toBe('es');
    });

    it('opens no spare session of a kind that nobody needs any more', async () => {
      desk.granter.waitMs = 1000;
      desk.pool.prepare([spanish]);
      await desk.passes(500);
      desk.pool.prepare([]);
      await desk.passes(5000);
      expect(desk.opened).toEqual([]);
    });

    it('does not replace a spare session that nobody used', async () => {
      desk.pool.prepare([spanish]);
      await desk.passes(SESSION_IDLE_TIMEOUT_MS + 60_000, 10_000);
      expect([desk.opened.length, desk.session(0).finishes]).toEqual([1, 1]);
    });
  });

  describe('an expired session', () => {
    it('reports that it is expired, is replaced in advance, and is not leased again', async () => {
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

    it('is not leased if it expires while idle', async () => {
      const ann = desk.speaks();
      await desk.passes(109 * 60_000, 60_000);
      ann.lease?.release();
      await desk.passes(2 * 60_000, 60_000);
      expect(desk.session(0).finishes).toBe(0);
      desk.speaks();
      await desk.passes();
      expect(desk.opened).toHaveLength(2);
    });

    it('also expires after 110 minutes', async () => {
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

describe('sessionKey', () => {
  it('is the same for options that ask for the same session', () => {
    expect(sessionKey({ ...spanish })).toBe(sessionKey(spanish));
    expect(sessionKey({ ...spanish, transcript: true, hotwords: {} })).toBe(sessionKey(spanish));
    expect(sessionKey({ ...spanish, hotwords: { a: 'x', b: 'y' } })).toBe(
      sessionKey({ ...spanish, hotwords: { b: 'y', a: 'x' } }),
    );
  });

  it('differs if any option differs', () => {
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
