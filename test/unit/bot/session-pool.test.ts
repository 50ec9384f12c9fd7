import fc from 'fast-check';
import pino from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { localPermits, type Moved, type Permits } from '../../../bot/translation/permits.ts';
import { type SessionOptions, TranslationError } from '../../../bot/translation/session.ts';
import { keyOf } from '../../../bot/translation/session-kind.ts';
import { type Claim, type Claimant, type Lease, SessionPool } from '../../../bot/translation/session-pool.ts';
import { SessionBudget } from '../../../server/session-budget.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { type ScriptedSession, ScriptedSessions } from '../../support/scripted-session.ts';

const HOLD_MS = 240_000;
const spanish: SessionOptions = { source: 'en', target: 'es', audio: true };
const french: SessionOptions = { source: 'en', target: 'fr', audio: true };
const error = (errorClass: TranslationError['class'], code = errorClass) =>
  new TranslationError(errorClass, code, `it was ${code}`);

/** Grants what it is asked for after as long as the test says. */
class Granter implements Permits {
  waitMs = 0;
  failing = false;
  readonly bookings: Moved[] = [];
  throttles = 0;
  tokens = 0;

  async connect(moved: Moved = () => {}): Promise<number> {
    this.bookings.push(moved);
    if (this.failing) throw new Error('nobody there');
    return this.waitMs;
  }

  used(tokens: number): void {
    this.tokens += tokens;
  }

  throttled(): void {
    this.throttles++;
  }
}

class Speaker implements Claimant {
  readonly told: string[] = [];
  lease: Lease | undefined;
  claim: Claim | undefined;
  readonly #onGranted: () => void;

  constructor(onGranted = () => {}) {
    this.#onGranted = onGranted;
  }

  granted(lease: Lease): void {
    this.lease = lease;
    this.told.push('granted');
    this.#onGranted();
  }
  waiting(waitMs: number | undefined, reason?: TranslationError): void {
    this.told.push(`waits ${waitMs}${reason ? ` ${reason.code}` : ''}`);
  }
  denied({ code }: TranslationError): void {
    this.told.push(`denied ${code}`);
  }
  lost(reason: TranslationError | undefined): void {
    this.told.push(`lost ${reason?.code}`);
    this.lease = undefined;
  }
  source = ({ segment }: { segment: string }): void => {
    this.told.push(`hears ${segment}`);
  };
  translation = (): void => {};
  audio = (): void => {};
  audioEnd = (): void => {};
  refused = (): void => {};
  usage = (): void => {};
}

const turns = () => new Promise((resolve) => setImmediate(resolve));

class Desk {
  readonly clock = new FakeClock();
  readonly sessions: ScriptedSessions;
  readonly granter = new Granter();
  readonly pool: SessionPool;
  random = 1;

  constructor({ readies = true, permits }: { readies?: boolean; permits?: (clock: FakeClock) => Permits } = {}) {
    this.sessions = new ScriptedSessions({ readies });
    this.pool = new SessionPool({
      openSession: this.sessions.open,
      permits: permits?.(this.clock) ?? this.granter,
      model: { rates: { audioInPerSecond: 10, audioOutPerSecond: 10, imageSquareSide: 28 } },
      holdMs: HOLD_MS,
      clock: this.clock,
      random: () => this.random,
      log: pino({ level: 'silent' }),
    });
  }

  /** Somebody begins to speak. */
  speaks(kind = spanish, { read = true, onGranted }: { read?: boolean; onGranted?: () => void } = {}): Speaker {
    const speaker = new Speaker(onGranted);
    speaker.claim = this.pool.claim(kind, speaker, { read });
    return speaker;
  }

  /** Time, with all that follows from what falls due in it. */
  async passes(ms = 0, stepMs = 100): Promise<void> {
    await turns();
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(left, stepMs));
      await turns();
    }
    this.clock.advance(0);
    await turns();
  }

  /** The kinds of the sessions opened so far. */
  get opened(): string[] {
    return this.sessions.all.map(({ options }) => options.target);
  }

  session(index: number): ScriptedSession {
    const session = this.sessions.all[index];
    if (!session) throw new Error('it was not opened');
    return session;
  }
}

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
      expect(before?.image(new Uint8Array(1))).toBe(false);
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
      await desk.passes(HOLD_MS + 1000, 10_000);
      expect(desk.session(0).finishes).toBe(0);
      ann.lease?.release();
      await desk.passes(HOLD_MS - 100, 10_000);
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
        await desk.passes(HOLD_MS / 2, 10_000);
        ann.lease?.release();
        await desk.passes(HOLD_MS / 2, 10_000);
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
      desk.pool.expect([spanish, spanish, spanish, french]);
      await desk.passes(5000);
      expect(desk.opened.toSorted()).toEqual(['es', 'fr']);
    });

    it('makes one more ready than are in use, and no more than there are speakers', async () => {
      desk.pool.expect([spanish, spanish, spanish]);
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
      desk.pool.expect([french]);
      desk.speaks(spanish);
      await desk.passes(900);
      desk.granter.waitMs = 50_000;
      await desk.passes(100);
      expect(desk.opened[0]).toBe('es');
    });

    it('makes none ready of a kind that nobody speaks any more', async () => {
      desk.granter.waitMs = 1000;
      desk.pool.expect([spanish]);
      await desk.passes(500);
      desk.pool.expect([]);
      await desk.passes(5000);
      expect(desk.opened).toEqual([]);
    });

    it('does not replace one that nobody used', async () => {
      desk.pool.expect([spanish]);
      await desk.passes(HOLD_MS + 60_000, 10_000);
      expect([desk.opened.length, desk.session(0).finishes]).toEqual([1, 1]);
    });
  });

  describe('a session that is used up', () => {
    it('says so, is replaced before, and goes to nobody else', async () => {
      desk.pool.expect([spanish]);
      const ann = desk.speaks();
      await desk.passes();
      const { events } = desk.session(0);
      events.usage({ inputAudio: 37_900, total: 38_000 });
      await desk.passes();
      expect(desk.opened).toHaveLength(1);
      events.usage({ inputAudio: 200, total: 300 });
      await desk.passes();
      expect([desk.opened.length, ann.lease?.isWorn, desk.granter.tokens]).toEqual([2, false, 38_300]);
      events.usage({ inputAudio: 2000 });
      expect(ann.lease?.isWorn).toBe(true);
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
      desk.pool.expect([spanish]);
      const ann = desk.speaks();
      await desk.passes();
      await desk.passes(105 * 60_000, 60_000);
      desk.session(0).events.usage({ total: 1 });
      await desk.passes();
      expect([desk.opened.length, ann.lease?.isWorn]).toEqual([2, false]);
      await desk.passes(5 * 60_000, 60_000);
      expect(ann.lease?.isWorn).toBe(true);
    });
  });

  describe('when the service fails', () => {
    const fails = async (reason: TranslationError) => {
      desk.sessions.last.ends(reason);
      await desk.passes();
    };
    beforeEach(() => {
      desk = new Desk({ readies: false });
    });

    it('waits twice as long after each attempt, at most 8 s, and tells why', async () => {
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

    it('waits for less by chance, and never less than half', async () => {
      desk.random = 0;
      const ann = desk.speaks();
      await desk.passes();
      await fails(error('transient'));
      expect(ann.told).toContain('waits 250 transient');
    });

    it('begins with a short wait again once it has opened', async () => {
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

    it('does not wait where it had worked before', async () => {
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

    it('lets other kinds go on', async () => {
      desk.speaks();
      await desk.passes();
      await fails(error('transient'));
      desk.speaks(french);
      await desk.passes();
      expect(desk.opened).toEqual(['es', 'fr']);
    });

    it('by throttling, tells the granter, and waits', async () => {
      const ann = desk.speaks();
      await desk.passes();
      await fails(error('throttle'));
      expect([desk.granter.throttles, ann.told.includes('waits 500 throttle')]).toEqual([1, true]);
    });

    it('by the settings, denies that kind for good, and no other', async () => {
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

    it('by the account, denies all for good, and makes nothing ready', async () => {
      const [ann, bob] = [desk.speaks(), desk.speaks(french)];
      await desk.passes();
      await fails(error('account'));
      desk.pool.expect([spanish, french]);
      const late = desk.speaks(french);
      await desk.passes(60_000, 10_000);
      for (const { told } of [ann, bob, late]) expect(told.at(-1)).toBe('denied account');
      expect(desk.opened).toHaveLength(2);
    });

    it('by what was said, backs off only where nothing had come', async () => {
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

    it('learns nothing from the end of a session that was retired', async () => {
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

    it('takes nothing back from who was cut off', async () => {
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
    it('has ended all sessions, leaves nothing on the clock, and opens nothing', async () => {
      desk.pool.expect([spanish, spanish, { ...spanish, voice: 'x' }]);
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

    it('by who was just served, books nothing more', async () => {
      desk.granter.waitMs = 1000;
      desk.pool.expect([spanish, spanish]);
      desk.speaks(spanish, { onGranted: () => desk.pool.close() });
      desk.speaks();
      await desk.passes(1000);
      const booked = desk.granter.bookings.length;
      await desk.passes(5000);
      expect([desk.granter.bookings.length, desk.clock.pending]).toEqual([booked, 0]);
    });

    it('opens nothing when a permit comes late', async () => {
      desk.granter.waitMs = 1000;
      desk.speaks();
      desk.pool.close();
      await desk.passes(5000);
      expect([desk.opened, desk.clock.pending]).toEqual([[], 0]);
    });

    it.each([0, 1])('hears no more of bookings that move or fail', async (failing) => {
      desk.granter.waitMs = 1000;
      desk.granter.failing = failing === 1;
      desk.speaks();
      await desk.passes(100);
      desk.pool.close();
      desk.granter.bookings[0]?.(300);
      expect(desk.clock.pending).toBe(0);
    });
  });

  it('ends the session that was idle for longest where there are 64, and waits where all are in use', async () => {
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

  it('spends no permit where all 64 are in use', async () => {
    const kinds = Array.from({ length: 65 }, (_, i) => ({ ...spanish, voice: `${i}` }));
    const speakers = kinds.slice(0, 64).map((kind) => desk.speaks(kind));
    await desk.passes(1000);
    const before = desk.granter.bookings.length;
    const one = desk.speaks(kinds[64]);
    await desk.passes(60_000);
    expect(desk.granter.bookings).toHaveLength(before);
    speakers[5]?.lease?.release();
    await desk.passes(1000);
    expect(one.told.at(-1)).toBe('granted');
  });

  it('never connects more often than the account allows, mixes no kinds, and serves everybody', async () => {
    const action = fc.record({
      who: fc.nat(7),
      kind: fc.constantFrom(spanish, french, { ...spanish, audio: false }),
      does: fc.constantFrom('speaks', 'speaks', 'ends', 'cancels', 'cut', 'refused', 'discards'),
      afterMs: fc.constantFrom(0, 100, 1500, 20_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
        const limits = { connectionsPerMinute: 8, tokensPerMinute: 100_000 };
        const busy = new Desk({ permits: (clock) => localPermits(new SessionBudget(limits, { earlier: [] }), clock) });
        busy.pool.expect([spanish, spanish, french]);
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

describe('keyOf', () => {
  it('is the same for sessions that can stand for each other', () => {
    expect(keyOf({ ...spanish })).toBe(keyOf(spanish));
    expect(keyOf({ ...spanish, transcript: true, hotwords: {} })).toBe(keyOf(spanish));
    expect(keyOf({ ...spanish, hotwords: { a: 'x', b: 'y' } })).toBe(
      keyOf({ ...spanish, hotwords: { b: 'y', a: 'x' } }),
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
    expect(new Set(kinds.map(keyOf)).size).toBe(kinds.length);
  });
});
