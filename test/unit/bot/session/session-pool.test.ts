import { beforeEach, describe, expect, it } from 'vitest';
import type { SessionOptions } from '../../../../bot/session/translation-session.ts';
import { sessionKey } from '../../../../bot/session/translation-session.ts';
import {
  french,
  SESSION_IDLE_TIMEOUT_MS,
  SessionPoolFixture,
  type Speaker,
  spanish,
} from '../../../support/session-pool-fixture.ts';

describe('SessionPool', () => {
  let fixture: SessionPoolFixture;
  beforeEach(() => {
    fixture = new SessionPoolFixture();
  });

  describe('connections', () => {
    it('opens a connection for whoever starts to speak, when the reservation falls due and not before', async () => {
      fixture.connectionLimiter.waitMs = 3000;
      const ann = fixture.speaks();
      await fixture.passTime(2900);
      expect([fixture.opened, ann.events[0]]).toEqual([[], 'waits undefined']);
      expect(ann.events).toContain('waits 3000');
      await fixture.passTime(100);
      expect([fixture.opened, ann.events.at(-1), fixture.connectionLimiter.reservations.length]).toEqual([
        ['es'],
        'granted',
        1,
      ]);
    });

    it('opens no connection if a session of the kind is idle', async () => {
      const ann = fixture.speaks();
      await fixture.passTime();
      ann.lease?.release();
      const bob = fixture.speaks();
      await fixture.passTime();
      bob.lease?.send(new Int16Array(160));
      expect([fixture.opened, bob.events, fixture.session(0).sentMs]).toEqual([['es'], ['granted'], 10]);
    });

    it('opens no connection if a session is released before the reservation falls due, although that is then spent', async () => {
      const ann = fixture.speaks();
      await fixture.passTime();
      fixture.connectionLimiter.waitMs = 5000;
      const bob = fixture.speaks();
      await fixture.passTime(1000);
      ann.lease?.release();
      await fixture.passTime(10_000);
      expect([bob.events.at(-1), fixture.opened, fixture.connectionLimiter.reservations.length]).toEqual([
        'granted',
        ['es'],
        2,
      ]);
    });

    it('opens no connection for a cancelled request', async () => {
      fixture.connectionLimiter.waitMs = 1000;
      const ann = fixture.speaks();
      await fixture.passTime(500);
      ann.request?.cancel();
      await fixture.passTime(5000);
      expect([ann.events.includes('granted'), fixture.opened]).toEqual([false, []]);
    });

    it('uses the reservation of a cancelled request for another request', async () => {
      fixture.connectionLimiter.waitMs = 1000;
      const ann = fixture.speaks();
      await fixture.passTime(500);
      fixture.connectionLimiter.waitMs = 60_000;
      const bob = fixture.speaks(french);
      await fixture.passTime(100);
      ann.request?.cancel();
      await fixture.passTime(500);
      expect([fixture.opened, bob.events.at(-1)]).toEqual([['fr'], 'granted']);
    });

    it('holds at most 8 reservations at a time', async () => {
      fixture.connectionLimiter.waitMs = 1000;
      const speakers = Array.from({ length: 20 }, (_, i) => fixture.speaks({ ...spanish, voice: `voice ${i}` }));
      await fixture.passTime(900);
      expect(fixture.connectionLimiter.reservations).toHaveLength(8);
      await fixture.passTime(5000);
      expect(speakers.every(({ lease }) => lease)).toBe(true);
      expect(fixture.connectionLimiter.reservations).toHaveLength(20);
    });

    it('opens the connection at the new time when a reservation moves later or earlier', async () => {
      fixture.connectionLimiter.waitMs = 2000;
      const ann = fixture.speaks();
      await fixture.passTime(1000);
      fixture.connectionLimiter.reservations[0]?.(60_000);
      await fixture.passTime(59_900);
      expect([fixture.opened, ann.events.at(-1)]).toEqual([[], 'waits 60000']);
      fixture.connectionLimiter.reservations[0]?.(5000);
      fixture.connectionLimiter.reservations[0]?.(50);
      await fixture.passTime(50, 50);
      expect(ann.events.at(-1)).toBe('granted');
    });

    it('opens one connection for each reservation, even if it is moved after it fell due', async () => {
      fixture.connectionLimiter.waitMs = 1000;
      fixture.speaks();
      await fixture.passTime(1000);
      fixture.connectionLimiter.waitMs = 600_000;
      fixture.speaks();
      fixture.speaks();
      await fixture.passTime(100);
      fixture.connectionLimiter.reservations[0]?.(2000);
      await fixture.passTime(5000);
      expect(fixture.opened).toEqual(['es']);
      fixture.pool.close();
      expect(fixture.clock.pending).toBe(0);
    });

    it('reserves again after 3 s if the reservation failed', async () => {
      fixture.connectionLimiter.failing = true;
      const ann = fixture.speaks();
      await fixture.passTime(2900);
      expect(fixture.connectionLimiter.reservations).toHaveLength(1);
      fixture.connectionLimiter.failing = false;
      await fixture.passTime(200);
      expect([fixture.connectionLimiter.reservations.length, ann.events.at(-1)]).toEqual([2, 'granted']);
    });
  });

  describe('order of requests', () => {
    it('serves the longest waiting request first', async () => {
      fixture = new SessionPoolFixture({ readies: false });
      const speakers = [fixture.speaks(), fixture.speaks(), fixture.speaks()];
      await fixture.passTime();
      const served = () => speakers.map(({ lease }) => lease !== undefined);
      fixture.session(2).readies();
      await fixture.passTime();
      expect(served()).toEqual([true, false, false]);
      fixture.session(0).readies();
      await fixture.passTime();
      expect(served()).toEqual([true, true, false]);
    });

    it('serves each kind of session separately', async () => {
      fixture = new SessionPoolFixture({ readies: false });
      const [ann, bob] = [fixture.speaks(spanish), fixture.speaks(french)];
      await fixture.passTime();
      fixture.sessions.into('fr')[0]?.readies();
      await fixture.passTime();
      expect([ann.lease, bob.events.at(-1)]).toEqual([undefined, 'granted']);
    });

    it('skips a request that was cancelled while another was being served', async () => {
      const [ann, bob] = [fixture.speaks(), fixture.speaks()];
      await fixture.passTime();
      ann.lease?.release();
      bob.lease?.release();
      let dan: Speaker | undefined;
      fixture.speaks(spanish, { onGranted: () => dan?.request?.cancel() });
      dan = fixture.speaks();
      await fixture.passTime();
      expect(dan.events).toEqual([]);
    });

    it('serves readers before listeners if somebody waits for more than 20 s, and otherwise in the order of requests', async () => {
      fixture.connectionLimiter.waitMs = 30_000;
      const listener = fixture.speaks(spanish, { read: false });
      await fixture.passTime(5000, 1000);
      const reader = fixture.speaks(french);
      await fixture.passTime(25_000, 1000);
      expect([reader.events.at(-1), listener.lease]).toEqual(['granted', undefined]);
      await fixture.passTime(5000, 1000);
      expect(listener.events.at(-1)).toBe('granted');
    });

    it('serves a listener before a later reader if nobody waits for long', async () => {
      fixture.connectionLimiter.waitMs = 15_000;
      const listener = fixture.speaks(spanish, { read: false });
      await fixture.passTime(5000, 1000);
      fixture.speaks(french);
      await fixture.passTime(10_000, 1000);
      expect([fixture.opened, listener.events.at(-1)]).toEqual([['es'], 'granted']);
    });

    it('serves the reader first of two requests that wait for the same session for more than 20 s', async () => {
      const ann = fixture.speaks();
      await fixture.passTime();
      fixture.connectionLimiter.waitMs = 600_000;
      const listener = fixture.speaks(spanish, { read: false });
      const reader = fixture.speaks(spanish);
      await fixture.passTime(21_000, 1000);
      ann.lease?.release();
      await fixture.passTime();
      expect([reader.events.at(-1), listener.lease]).toEqual(['granted', undefined]);
    });

    it('leases the session that was used last, so that the others reach their idle timeout', async () => {
      const [ann, bob] = [fixture.speaks(), fixture.speaks()];
      await fixture.passTime();
      ann.lease?.release();
      await fixture.passTime(1000);
      bob.lease?.release();
      await fixture.passTime(1000);
      const dan = fixture.speaks();
      await fixture.passTime();
      dan.lease?.send(new Int16Array(160));
      expect([fixture.session(0).sentMs, fixture.session(1).sentMs]).toEqual([0, 10]);
    });

    it('ignores calls on a lease that was given back', async () => {
      const ann = fixture.speaks();
      await fixture.passTime();
      const before = ann.lease;
      before?.release();
      const bob = fixture.speaks();
      await fixture.passTime();
      before?.send(new Int16Array(160));
      expect(before?.sendImage(new Uint8Array(1))).toBe(false);
      before?.release();
      before?.discard();
      const dan = fixture.speaks();
      await fixture.passTime();
      expect([fixture.session(0).sent, fixture.session(0).finishes, bob.events]).toEqual([[], 0, ['granted']]);
      expect(dan.lease).toBeDefined();
      expect(fixture.opened).toHaveLength(2);
    });
  });

  describe('an idle session', () => {
    it('is kept for the idle timeout, then finished, and not leased afterwards', async () => {
      const ann = fixture.speaks();
      await fixture.passTime();
      await fixture.passTime(SESSION_IDLE_TIMEOUT_MS + 1000, 10_000);
      expect(fixture.session(0).finishes).toBe(0);
      ann.lease?.release();
      await fixture.passTime(SESSION_IDLE_TIMEOUT_MS - 100, 10_000);
      expect(fixture.session(0).finishes).toBe(0);
      await fixture.passTime(100);
      expect(fixture.session(0).finishes).toBe(1);
      fixture.speaks();
      await fixture.passTime();
      expect(fixture.opened).toHaveLength(2);
    });

    it('is kept for the whole idle timeout each time that it is released', async () => {
      for (let i = 0; i < 3; i++) {
        const ann = fixture.speaks();
        await fixture.passTime(SESSION_IDLE_TIMEOUT_MS / 2, 10_000);
        ann.lease?.release();
        await fixture.passTime(SESSION_IDLE_TIMEOUT_MS / 2, 10_000);
      }
      expect([fixture.opened, fixture.session(0).finishes]).toEqual([['es'], 0]);
    });

    it('is not leased again if it was discarded', async () => {
      const ann = fixture.speaks();
      await fixture.passTime();
      ann.lease?.discard();
      fixture.speaks();
      await fixture.passTime();
      expect([fixture.session(0).finishes, fixture.opened.length]).toEqual([1, 2]);
    });
  });

  describe('prepare', () => {
    const idle = () => fixture.opened.length;

    it('opens one session of each kind, however many people may speak', async () => {
      fixture.pool.prepare([spanish, spanish, spanish, french]);
      await fixture.passTime(5000);
      expect(fixture.opened.toSorted()).toEqual(['es', 'fr']);
    });

    it('keeps one more session ready than are in use, but no more than there are speakers', async () => {
      fixture.pool.prepare([spanish, spanish, spanish]);
      await fixture.passTime();
      for (const opened of [2, 3, 3]) {
        const speaker = fixture.speaks();
        await fixture.passTime();
        expect(speaker.events).toEqual(['granted']);
        expect(idle()).toBe(opened);
      }
    });

    it('serves waiting requests before it opens a spare session', async () => {
      fixture.connectionLimiter.waitMs = 1000;
      fixture.pool.prepare([french]);
      fixture.speaks(spanish);
      await fixture.passTime(900);
      fixture.connectionLimiter.waitMs = 50_000;
      await fixture.passTime(100);
      expect(fixture.opened[0]).toBe('es');
    });

    it('opens no spare session of a kind that nobody needs any more', async () => {
      fixture.connectionLimiter.waitMs = 1000;
      fixture.pool.prepare([spanish]);
      await fixture.passTime(500);
      fixture.pool.prepare([]);
      await fixture.passTime(5000);
      expect(fixture.opened).toEqual([]);
    });

    it('does not replace a spare session that nobody used', async () => {
      fixture.pool.prepare([spanish]);
      await fixture.passTime(SESSION_IDLE_TIMEOUT_MS + 60_000, 10_000);
      expect([fixture.opened.length, fixture.session(0).finishes]).toEqual([1, 1]);
    });
  });

  describe('an expired session', () => {
    it('reports that it is expired, is replaced in advance, and is not leased again', async () => {
      fixture.pool.prepare([spanish]);
      const ann = fixture.speaks();
      await fixture.passTime();
      const { events } = fixture.session(0);
      events.usage({ inputAudio: 37_900, total: 38_000 });
      await fixture.passTime();
      expect(fixture.opened).toHaveLength(1);
      events.usage({ inputAudio: 200, total: 300 });
      await fixture.passTime();
      expect([fixture.opened.length, ann.lease?.isExpired, fixture.connectionLimiter.tokens]).toEqual([
        2,
        false,
        38_300,
      ]);
      events.usage({ inputAudio: 2000 });
      expect(ann.lease?.isExpired).toBe(true);
      const bob = fixture.speaks();
      await fixture.passTime();
      bob.lease?.send(new Int16Array(160));
      expect(fixture.session(1).sentMs).toBe(10);
      ann.lease?.release();
      await fixture.passTime();
      expect([fixture.session(0).finishes, fixture.session(1).finishes]).toEqual([1, 0]);
    });

    it('is not leased if it expires while idle', async () => {
      const ann = fixture.speaks();
      await fixture.passTime(109 * 60_000, 60_000);
      ann.lease?.release();
      await fixture.passTime(2 * 60_000, 60_000);
      expect(fixture.session(0).finishes).toBe(0);
      fixture.speaks();
      await fixture.passTime();
      expect(fixture.opened).toHaveLength(2);
    });

    it('also expires after 110 minutes', async () => {
      fixture.pool.prepare([spanish]);
      const ann = fixture.speaks();
      await fixture.passTime();
      await fixture.passTime(105 * 60_000, 60_000);
      fixture.session(0).events.usage({ total: 1 });
      await fixture.passTime();
      expect([fixture.opened.length, ann.lease?.isExpired]).toEqual([2, false]);
      await fixture.passTime(5 * 60_000, 60_000);
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
