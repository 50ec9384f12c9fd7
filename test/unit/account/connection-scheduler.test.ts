import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ConnectionLimits,
  ConnectionScheduler,
  type ScheduledConnection,
  SchedulerState,
} from '../../../account/connection-scheduler.ts';

const MINUTE = 60_000;
const limits: ConnectionLimits = { connectionsPerMinute: 8, tokensPerMinute: 100_000 };

const budget = (more: Partial<ConnectionLimits> = {}, earlier: number[] = []) =>
  new ConnectionScheduler<string>({ ...limits, ...more }, { earlier });
const book = (of: ConnectionScheduler<string>, count: number, nowMs = 0, holder = 'ana') =>
  Array.from({ length: count }, () => of.reserve(holder, nowMs));
const times = (reservations: readonly ScheduledConnection<string>[]) => reservations.map(({ atMs }) => atMs);

describe('ConnectionScheduler', () => {
  it('grants the first connection at once and the next ones a second apart, up to the limit for a minute', () => {
    const given = times(book(budget(), 9));
    expect(given.slice(0, 8)).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000, 7000]);
    expect(given[8]).toBeGreaterThan(MINUTE);
    expect(given[8]).toBeLessThanOrEqual(MINUTE + 1000);
  });

  it('serves reservations in their order', () => {
    const of = budget({ connectionsPerMinute: 1 });
    const [, ana] = book(of, 2, 0);
    expect(of.reserve('ben', 30_000).atMs).toBeGreaterThan(ana?.atMs ?? Number.NaN);
  });

  it('counts the connections of the last minute that were made before it started', () => {
    expect(budget({ connectionsPerMinute: 2 }, [-30_000, -500]).reserve('ana', 0).atMs).toBeGreaterThan(
      MINUTE - 30_000,
    );
  });

  it('refuses the 65th waiting reservation, and says when to ask again', () => {
    const of = budget();
    book(of, 65);
    expect(() => of.reserve('ana', 0)).toThrow(/64 connections .* wait .*ask again in a minute/);
    expect(of.waiting).toBe(64);
    expect(() => of.reserve('ana', 1000)).not.toThrow();
  });

  it('spreads over the minute what a greater account allows, and lets as many wait', () => {
    const of = budget({ connectionsPerMinute: 200, tokensPerMinute: 10_000_000 });
    const given = times(book(of, 201));
    expect(given.filter((atMs) => atMs < MINUTE + 1000)).toHaveLength(200);
    expect(Math.min(...given.slice(1).map((atMs, i) => atMs - (given[i] ?? 0)))).toBeGreaterThanOrEqual(300);
    expect(() => of.reserve('ana', 0)).toThrow(/200 connections .* wait/);
  });

  describe('when the service throttles', () => {
    it('delays new and waiting reservations by a minute, in the same order', () => {
      const of = budget();
      const reservations = book(of, 4);
      const moved = of.throttled(1500);
      expect(moved).toEqual(reservations.slice(2));
      expect(times(reservations)).toEqual([0, 1000, 61_500, 62_500]);
      expect(of.reserve('ben', 1600).atMs).toBe(63_500);
    });

    it('delays by a minute from the latest throttling', () => {
      const of = budget();
      of.throttled(0);
      of.throttled(20_000);
      expect(of.reserve('ana', 30_000).atMs).toBe(80_000);
    });
  });

  describe('tokens', () => {
    it('delays connections until enough of the used tokens are a minute old', () => {
      const of = budget();
      of.tokensUsed(60_000, 0);
      of.tokensUsed(39_000, 10_000);
      const { atMs } = of.reserve('ana', 20_000);
      expect(atMs).toBeGreaterThanOrEqual(MINUTE);
      expect(atMs).toBeLessThan(MINUTE + 10_000);
    });

    it('move waiting reservations when more are used', () => {
      const of = budget({ connectionsPerMinute: 1 });
      const [, waiting] = book(of, 2);
      const before = waiting?.atMs ?? Number.NaN;
      expect(of.tokensUsed(10_000, 30_000)).toEqual([]);
      expect(of.tokensUsed(99_000, 40_000)).toEqual([waiting]);
      expect(waiting?.atMs).toBeGreaterThan(before);
      expect(waiting?.atMs).toBeGreaterThanOrEqual(40_000 + MINUTE);
    });

    it('are set aside for sessions that have not reported any yet', () => {
      expect(times(book(budget({ tokensPerMinute: 5000 }), 3)).filter((atMs) => atMs < MINUTE)).toHaveLength(2);
    });

    it('are counted when reported in small pieces', () => {
      const of = budget();
      for (let atMs = 0; atMs < 10_000; atMs += 10) of.tokensUsed(100, atMs);
      expect(of.reserve('ana', 10_000).atMs).toBeGreaterThan(MINUTE);
    });
  });

  describe('release', () => {
    it('removes reservations that are not due, and moves later ones forward', () => {
      const of = budget();
      const ana = book(of, 3, 0, 'ana');
      const ben = book(of, 2, 0, 'ben');
      expect(of.release('ana', 500)).toEqual(ben);
      expect(times(ben)).toEqual([1000, 2000]);
      expect(times(ana)).toEqual([0, 1000, 2000]);
    });

    it('does not remove connections that are used', () => {
      const of = budget({ connectionsPerMinute: 1 });
      of.reserve('ana', 0);
      of.release('ana', 0);
      expect(of.reserve('ben', 1).atMs).toBeGreaterThan(MINUTE);
    });
  });

  it('reports each reservation once when it falls due, and never one that was released', () => {
    const granted: [string, number][] = [];
    const of = new ConnectionScheduler<string>(limits, {
      granted: ({ holder, requestedMs: askedMs, atMs }) => granted.push([holder, atMs - askedMs]),
    });
    for (const holder of ['ana', 'ben', 'cleo']) of.reserve(holder, 0);
    expect(granted).toEqual([['ana', 0]]);
    of.release('ben', 500);
    of.advance(999);
    of.advance(5000);
    of.advance(6000);
    expect(granted).toEqual([
      ['ana', 0],
      ['cleo', 1000],
    ]);
  });

  describe('for any sequence of events', () => {
    type Step = { afterMs: number } & (
      | { does: 'books' | 'leaves'; who: string }
      | { does: 'uses'; tokens: number }
      | { does: 'throttles' }
    );
    const afterMs = fc.oneof(fc.nat(50), fc.nat(3000), fc.nat(40_000));
    const who = fc.constantFrom('ana', 'ben', 'cleo');
    const step: fc.Arbitrary<Step> = fc.oneof(
      { weight: 12, arbitrary: fc.record({ afterMs, does: fc.constant('books' as const), who }) },
      { weight: 2, arbitrary: fc.record({ afterMs, does: fc.constant('leaves' as const), who }) },
      {
        weight: 4,
        arbitrary: fc.record({ afterMs, does: fc.constant('uses' as const), tokens: fc.nat(40_000) }),
      },
      { weight: 1, arbitrary: fc.record({ afterMs, does: fc.constant('throttles' as const) }) },
    );

    /** Runs the steps; each reservation that fell due is as its holder was last told. */
    function run(steps: readonly Step[], { connectionsPerMinute }: { connectionsPerMinute: number }) {
      const made: ScheduledConnection<string>[] = [];
      const used: { atMs: number; tokens: number }[] = [];
      const shut: number[] = [];
      const left: number[] = [];
      const told = new Map<number, number>();
      const of = new ConnectionScheduler<string>(
        { ...limits, connectionsPerMinute },
        { granted: (reservation) => made.push({ ...reservation }) },
      );
      const tell = (reservations: readonly ScheduledConnection<string>[]) => {
        for (const { id, atMs } of reservations) told.set(id, atMs);
      };
      let nowMs = 0;
      for (const step of steps) {
        nowMs += step.afterMs;
        if (step.does === 'books' && of.waiting < 64) tell([of.reserve(step.who, nowMs)]);
        if (step.does === 'leaves') tell(of.release(step.who, nowMs));
        if (step.does === 'leaves') left.push(nowMs);
        if (step.does === 'throttles') tell(of.throttled(nowMs));
        if (step.does === 'throttles') shut.push(nowMs);
        if (step.does === 'uses') tell(of.tokensUsed(step.tokens, nowMs));
        if (step.does === 'uses') used.push({ atMs: nowMs, tokens: step.tokens });
      }
      of.advance(Number.MAX_SAFE_INTEGER);
      return { made, used, shut, left, told };
    }

    const steps = fc.array(step, { minLength: 5, maxLength: 80 });
    const connectionsPerMinute = fc.integer({ min: 1, max: 10 });
    const always = (holds: (outcome: ReturnType<typeof run>, perMinute: number) => void) =>
      fc.assert(
        fc.property(steps, connectionsPerMinute, (some, perMinute) =>
          holds(run(some, { connectionsPerMinute: perMinute }), perMinute),
        ),
        { numRuns: 300 },
      );

    it('has no more connections in any minute than allowed, even if each is up to a second late', () => {
      always(({ made }, perMinute) => {
        for (const [n, { atMs }] of made.entries()) {
          const next = made[n + perMinute];
          if (next) expect(next.atMs - (atMs + 999)).toBeGreaterThanOrEqual(MINUTE);
        }
      });
    });

    it('keeps connections a second apart, in the order of reservation, and none before its reservation', () => {
      always(({ made }) => {
        for (const [n, { id, atMs, requestedMs: askedMs }] of made.entries()) {
          expect(atMs).toBeGreaterThanOrEqual(askedMs);
          const next = made[n + 1];
          if (!next) continue;
          expect(next.id).toBeGreaterThan(id);
          expect(next.atMs - atMs).toBeGreaterThanOrEqual(1000);
        }
      });
    });

    it('grants no connection within a minute after the service throttled', () => {
      always(({ made, shut }) => {
        for (const shutMs of shut)
          expect(made.filter(({ atMs }) => atMs > shutMs && atMs < shutMs + MINUTE)).toEqual([]);
      });
    });

    it('grants no connection while the tokens of the last minute are used up', () => {
      always(({ made, used }) => {
        for (const { atMs } of made) {
          const known = used.filter((report) => report.atMs < atMs && report.atMs > atMs - MINUTE);
          const sum = known.reduce((total, { tokens }) => total + tokens, 0);
          expect(sum).toBeLessThan(limits.tokensPerMinute);
        }
      });
    });

    it('reports every change of the time of a reservation', () => {
      always(({ made, told }) => {
        for (const { id, atMs } of made) expect(told.get(id)).toBe(atMs);
      });
    });

    it('delays no reservation longer than the limits require', () => {
      always(({ made, used, shut, left }, perMinute) => {
        for (const [n, { atMs, requestedMs: askedMs }] of made.entries()) {
          const forgotten = [...made, ...used].map((one) => one.atMs + MINUTE + 1000);
          const before = made.slice(Math.max(0, n - perMinute), n).map((one) => one.atMs + 1000);
          expect([askedMs, ...before, ...forgotten, ...left, ...shut.map((shutMs) => shutMs + MINUTE)]).toContain(atMs);
        }
      });
    });
  });
});

describe('a schedule that several share', () => {
  const again = (of: ConnectionScheduler<string>) =>
    new ConnectionScheduler<string>(limits, { state: SchedulerState.parse(JSON.parse(JSON.stringify(of.state))) });

  it('goes on from what another has written of it, whatever was done', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 }), (steps) => {
        const one = budget();
        let other = again(one);
        for (const [index, step] of steps.entries()) {
          const nowMs = index * 700;
          const act = (of: ConnectionScheduler<string>) =>
            step === 0
              ? of.tokensUsed(30_000, nowMs)
              : step === 1
                ? of.throttled(nowMs)
                : step === 2
                  ? of.release('ben', nowMs)
                  : of.reserve(index % 2 ? 'ana' : 'ben', nowMs);
          expect(act(other)).toEqual(act(one));
          other = again(other);
        }
        expect(other.times).toEqual(one.times);
      }),
    );
  });

  it('counts connections that it has lost, each once', () => {
    const of = budget({ connectionsPerMinute: 2 });
    book(of, 1, 0);
    of.include([0, 1000, -MINUTE * 2], 2000);
    expect(of.times).toEqual([0, 1000]);
    expect(of.reserve('ana', 2000).atMs).toBeGreaterThan(MINUTE);
  });

  it('moves those up that wait behind what is released', () => {
    const of = budget();
    const [, second, third] = book(of, 3, 0);
    expect(of.releaseIds([second?.id ?? 0], 0).map(({ id }) => id)).toEqual([third?.id]);
    expect(of.times).toEqual([0, 1000]);
  });
});
