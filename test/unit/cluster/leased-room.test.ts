import { describe, expect, it } from 'vitest';
import type { InterpreterOrder } from '../../../cluster/interpreter-order.ts';
import type { RoomLease } from '../../../cluster/lease-store.ts';
import { CUT_OFF_AFTER_MS, LeasedRoom, type LeaseEnd } from '../../../cluster/leased-room.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

const LEASE_MS = 6000;
const order: InterpreterOrder = {
  room: 'hall',
  interpreter: 'interpreter-1',
  server: 'http://127.0.0.1:3000',
  token: 'token',
  above: 0,
  languages: 'auto',
  languageSettings: {},
  pictures: 'off',
  settings: {
    sessionIdleTimeoutMs: 1000,
    limits: { maxSessions: 1 },
    playout: { tracks: 'mixed', maxLagMs: 8000, voices: 1 },
  },
};
const noLog = { debug() {}, info() {}, warn() {}, error() {} };
const away = new Error('Redis cannot be reached');

/** A room on a worker; what Redis and the room's server answer is the test's. */
class Leased {
  readonly clock = new FakeClock();
  readonly renewals: { lease: RoomLease; atMs: number }[] = [];
  redis: 'renews' | 'refuses' | 'is away' | 'is silent' = 'renews';
  isVouchedFor = false;
  stoppedAtMs: number | undefined;
  released = false;
  end: LeaseEnd | undefined;
  onState: (state: RoomLease['state'], message?: string) => void = () => {};
  readonly room: LeasedRoom;

  constructor() {
    this.room = new LeasedRoom(
      order,
      { fence: 3, leaseMs: LEASE_MS, askedMs: 0 },
      {
        worker: 'w1',
        clock: this.clock,
        log: noLog,
        leases: {
          renew: async (_, lease) => {
            if (this.redis === 'is away') throw away;
            if (this.redis === 'is silent') return new Promise(() => {});
            this.renewals.push({ lease, atMs: this.clock.now() });
            return this.redis === 'renews';
          },
          release: async () => {
            if (this.redis === 'is away') throw away;
            this.released = true;
          },
        },
        isVouchedFor: async () => this.isVouchedFor,
        launch: (_order, _fence, onState) => {
          this.onState = onState;
          return {
            stop: async () => {
              this.stoppedAtMs = this.clock.now();
            },
          };
        },
      },
    );
    void this.room.ended.then((end) => {
      this.end = end;
    });
  }

  /** Lets time pass in steps, so that what was asked is answered. */
  async passes(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      this.clock.advance(100);
      await settled();
    }
  }

  async says(state: RoomLease['state'], message?: string): Promise<void> {
    this.onState(state, message);
    await this.passes(100);
  }
}

const settled = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

describe('a room on a worker', () => {
  it('is renewed at each third of its lease, for as long as it takes', async () => {
    const leased = new Leased();
    await leased.says('running');
    await leased.passes(60_000);
    expect(leased.end).toBeUndefined();
    const pauses = leased.renewals.slice(1).map(({ atMs }, i) => atMs - (leased.renewals[i]?.atMs ?? 0));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(LEASE_MS / 3 + 100);
  });

  it('tells the server of each state at once', async () => {
    const leased = new Leased();
    await leased.says('running');
    await leased.says('restarting', 'It ended.');
    expect(leased.renewals.map(({ lease }) => [lease.state, lease.message])).toEqual([
      ['running', undefined],
      ['restarting', 'It ended.'],
    ]);
  });

  it('is silent before the lease ends where neither Redis nor the room confirms it', async () => {
    const leased = new Leased();
    await leased.says('running');
    await leased.passes(4000);
    const confirmedMs = leased.renewals.at(-1)?.atMs ?? 0;
    leased.redis = 'is away';
    await leased.passes(LEASE_MS);
    expect(leased.end).toBe('silenced');
    expect((leased.stoppedAtMs ?? Number.POSITIVE_INFINITY) - confirmedMs).toBeLessThan(LEASE_MS);
  });

  it('goes on while Redis is away as long as the room knows of no other', async () => {
    const leased = new Leased();
    await leased.says('running');
    leased.redis = 'is away';
    leased.isVouchedFor = true;
    await leased.passes(60_000);
    expect(leased.end).toBeUndefined();
    leased.isVouchedFor = false;
    await leased.passes(LEASE_MS);
    expect(leased.end).toBe('silenced');
  });

  it('asks the room where Redis takes too long to answer', async () => {
    const leased = new Leased();
    await leased.says('running');
    leased.redis = 'is silent';
    leased.isVouchedFor = true;
    await leased.passes(60_000);
    expect(leased.end).toBeUndefined();
  });

  it('is cut off where its room has not been reached for a while, and not before it was first', async () => {
    const leased = new Leased();
    await leased.passes(CUT_OFF_AFTER_MS + 1000);
    expect(leased.room.isCutOff).toBe(false);
    await leased.says('running');
    await leased.passes(CUT_OFF_AFTER_MS + 1000);
    expect(leased.room.isCutOff).toBe(false);
    await leased.says('restarting');
    await leased.passes(CUT_OFF_AFTER_MS - 1000);
    expect(leased.room.isCutOff).toBe(false);
    await leased.passes(2000);
    expect(leased.room.isCutOff).toBe(true);
    await leased.says('running');
    expect(leased.room.isCutOff).toBe(false);
  });

  it('leaves at once where another has the lease', async () => {
    const leased = new Leased();
    await leased.says('running');
    leased.redis = 'refuses';
    leased.isVouchedFor = true;
    await leased.room.renew();
    await settled();
    expect(leased.end).toBe('lost');
  });

  it('has nothing more to say when it wakes after its lease', async () => {
    const leased = new Leased();
    await leased.says('running');
    leased.redis = 'is away';
    leased.clock.stall(100_000);
    leased.clock.advance(0);
    await settled();
    expect(leased.end).toBe('silenced');
  });

  it('speaks until the other is in the room where its worker is being stopped', async () => {
    const leased = new Leased();
    await leased.says('running');
    leased.room.handOver();
    await settled();
    expect(leased.renewals.at(-1)?.lease.leaving).toBe(true);
    leased.redis = 'refuses';
    leased.isVouchedFor = true;
    await leased.passes(20_000);
    expect(leased.end).toBeUndefined();
    leased.isVouchedFor = false;
    await leased.passes(2100);
    expect(leased.end).toBe('left');
  });

  it('is given back where its interpreter does not get into the room within half a minute', async () => {
    const leased = new Leased();
    await leased.passes(29_000);
    expect(leased.end).toBeUndefined();
    await leased.passes(4000);
    expect([leased.end, leased.released]).toEqual(['givenBack', true]);
  });

  it('tells of a failed interpreter, and keeps the word for the server to read', async () => {
    const leased = new Leased();
    await leased.says('failed', 'It ended 5 times.');
    expect(leased.renewals.at(-1)?.lease).toMatchObject({ state: 'failed', message: 'It ended 5 times.' });
    expect([leased.end, leased.released]).toEqual(['failed', false]);
  });

  it('leaves nothing on the clock when it has ended', async () => {
    const leased = new Leased();
    await leased.says('running');
    await leased.room.leave();
    expect([leased.end, leased.released, leased.clock.pending]).toEqual(['left', true, 0]);
  });
});
