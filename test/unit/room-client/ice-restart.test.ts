import { describe, expect, it } from 'vitest';
import { IceRestart } from '../../../room-client/ice-restart.ts';
import { SignallingError } from '../../../room-client/signalling-client.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

/** A transport that was connected, unless it is still `new`. */
function setUp({ restart = async () => {}, isNew = false }: { restart?: () => Promise<void>; isNew?: boolean } = {}) {
  const clock = new FakeClock();
  const counts = { restarts: 0, givenUp: 0 };
  const lost: boolean[] = [];
  const unreachable: boolean[] = [];
  const iceRestart = new IceRestart({
    clock,
    restart: () => {
      counts.restarts++;
      return restart();
    },
    retriesConnecting: true,
    onLost: (isLost) => lost.push(isLost),
    onUnreachable: (isUnreachable) => unreachable.push(isUnreachable),
    onGivenUp: () => counts.givenUp++,
  });
  if (!isNew) iceRestart.stateChanged('connected');
  /** Time passes, and what it causes has happened. */
  const pass = async (ms: number) => {
    clock.advance(ms);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { clock, counts, lost, unreachable, iceRestart, pass };
}

describe('ICE', () => {
  it('is restarted at once when the transport is disconnected, and never again once it is connected', async () => {
    const { clock, counts, lost, iceRestart, pass } = setUp();
    iceRestart.stateChanged('disconnected');
    await pass(0);
    expect(counts.restarts).toBe(1);
    iceRestart.stateChanged('connected');
    await pass(60_000);
    expect(counts.restarts).toBe(1);
    expect(lost).toEqual([true, false]);
    expect(clock.pending).toBe(0);
  });

  it('is restarted at once when nothing is received, whatever the state, until something is', async () => {
    const { clock, counts, lost, iceRestart, pass } = setUp();
    iceRestart.silenceChanged(true);
    await pass(0);
    expect(counts.restarts).toBe(1);
    await pass(1_000);
    expect(counts.restarts).toBe(2);
    iceRestart.silenceChanged(false);
    await pass(60_000);
    expect(counts.restarts).toBe(2);
    expect(lost).toEqual([true, false]);
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['changes nothing', async () => {}],
    ['fails', () => Promise.reject(new Error('no answer'))],
  ])('is restarted after 0, 1, 3, 5 … s, then given up once after 30 s, where a restart %s', async (_, restart) => {
    const { clock, counts, lost, iceRestart, pass } = setUp({ restart });
    iceRestart.stateChanged('disconnected');
    await pass(0);
    const restartedAt: number[] = [];
    for (let second = 1; second <= 30; second++) {
      const { restarts } = counts;
      await pass(1000);
      if (counts.restarts > restarts) restartedAt.push(second);
    }
    expect(restartedAt.slice(0, 4)).toEqual([1, 3, 5, 7]);
    expect(counts.givenUp).toBe(0);
    for (let second = 0; second < 2; second++) await pass(1000);
    const { restarts } = counts;
    expect(counts.givenUp).toBe(1);
    iceRestart.stateChanged('disconnected');
    await pass(60_000);
    expect(counts).toEqual({ restarts, givenUp: 1 });
    expect(lost).toEqual([true]);
    expect(clock.pending).toBe(0);
  });

  it('has all its time again after it was connected', async () => {
    const { counts, iceRestart, pass } = setUp();
    iceRestart.stateChanged('disconnected');
    for (let second = 0; second < 25; second++) await pass(1000);
    iceRestart.stateChanged('connected');
    iceRestart.stateChanged('disconnected');
    for (let second = 0; second < 25; second++) await pass(1000);
    expect(counts.givenUp).toBe(0);
  });

  it('is restarted at once when the transport fails', async () => {
    const { counts, iceRestart, pass } = setUp();
    iceRestart.stateChanged('failed');
    await pass(0);
    expect(counts).toEqual({ restarts: 1, givenUp: 0 });
  });

  it('keeps the pause before the next restart where the transport fails after one', async () => {
    const { counts, iceRestart, pass } = setUp();
    iceRestart.stateChanged('disconnected');
    await pass(0);
    iceRestart.stateChanged('failed');
    await pass(999);
    expect(counts.restarts).toBe(1);
    await pass(1);
    expect(counts).toEqual({ restarts: 2, givenUp: 0 });
  });

  it('is given up at once where a transport fails that was never connected', async () => {
    const counts = { restarts: 0, givenUp: 0 };
    const iceRestart = new IceRestart({
      clock: new FakeClock(),
      restart: async () => {
        counts.restarts++;
      },
      onLost: () => {},
      onUnreachable: () => {},
      retriesConnecting: false,
      onGivenUp: () => counts.givenUp++,
    });
    iceRestart.stateChanged('connecting');
    iceRestart.stateChanged('failed');
    expect(counts).toEqual({ restarts: 0, givenUp: 1 });
  });

  it('is given up at once where the server refuses a restart', async () => {
    const refused = () => Promise.reject(new SignallingError('notFound', 'you have no transport x'));
    const { clock, counts, iceRestart, pass } = setUp({ restart: refused });
    iceRestart.stateChanged('failed');
    await pass(0);
    expect(counts).toEqual({ restarts: 1, givenUp: 1 });
    expect(clock.pending).toBe(0);
  });

  it('is given up where the server does not answer a restart, as joining again is likelier to work', async () => {
    const late = () => Promise.reject(new SignallingError('timeout', 'no answer within 2 s'));
    const { counts, iceRestart, pass } = setUp({ restart: late });
    iceRestart.stateChanged('failed');
    await pass(0);
    expect(counts).toEqual({ restarts: 1, givenUp: 1 });
  });

  it('is restarted at once when the network changes', async () => {
    const { clock, counts, iceRestart, pass } = setUp();
    iceRestart.networkChanged();
    await pass(0);
    expect(counts.restarts).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('is not restarted while it connects for the first time', async () => {
    const counts = { restarts: 0 };
    const iceRestart = new IceRestart({
      clock: new FakeClock(),
      restart: async () => {
        counts.restarts++;
      },
      onLost: () => {},
      onUnreachable: () => {},
      retriesConnecting: false,
      onGivenUp: () => {},
    });
    iceRestart.networkChanged();
    iceRestart.stateChanged('connecting');
    iceRestart.networkChanged();
    expect(counts.restarts).toBe(0);
  });

  it('runs one restart at a time', async () => {
    const { counts, iceRestart, pass } = setUp({ restart: () => new Promise(() => {}) });
    iceRestart.networkChanged();
    iceRestart.networkChanged();
    iceRestart.stateChanged('disconnected');
    await pass(60_000);
    expect(counts.restarts).toBe(1);
  });

  it('is left alone when the connection is closed', async () => {
    const { counts, iceRestart, pass } = setUp();
    iceRestart.stateChanged('disconnected');
    iceRestart.close();
    iceRestart.networkChanged();
    iceRestart.silenceChanged(true);
    await pass(60_000);
    expect(counts.restarts).toBe(1);
  });
});

describe('a transport that never was connected', () => {
  it('is told after 7 s, and when it is connected after all', async () => {
    const { clock, counts, lost, unreachable, iceRestart, pass } = setUp({ isNew: true });
    iceRestart.stateChanged('connecting');
    await pass(6_999);
    expect(unreachable).toEqual([]);
    await pass(1);
    expect(unreachable).toEqual([true]);
    iceRestart.stateChanged('connected');
    expect({ unreachable, lost, ...counts }).toEqual({ unreachable: [true, false], lost: [], restarts: 0, givenUp: 0 });
    expect(clock.pending).toBe(0);
  });

  it('is not told where it is connected in time', async () => {
    const { unreachable, iceRestart, pass } = setUp({ isNew: true });
    iceRestart.stateChanged('connecting');
    await pass(6_000);
    iceRestart.stateChanged('connected');
    await pass(60_000);
    expect(unreachable).toEqual([]);
  });

  it('is restarted for ever after it has failed, twice a minute in the end, and never given up', async () => {
    const { counts, unreachable, iceRestart, pass } = setUp({ isNew: true });
    iceRestart.stateChanged('connecting');
    for (let second = 0; second < 600; second++) {
      if (second % 15 === 0) iceRestart.stateChanged('failed');
      await pass(1_000);
    }
    expect(counts.givenUp).toBe(0);
    expect(counts.restarts).toBeGreaterThan(10);
    expect(counts.restarts).toBeLessThan(40);
    expect(unreachable).toEqual([true]);
  });

  it('is restarted at once when the network changes, where it could not be connected', async () => {
    const { counts, iceRestart, pass } = setUp({ isNew: true });
    iceRestart.stateChanged('connecting');
    iceRestart.stateChanged('failed');
    iceRestart.networkChanged();
    await pass(0);
    expect(counts.restarts).toBe(1);
  });

  it('is left alone when the connection is closed', async () => {
    const { clock, unreachable, iceRestart, pass } = setUp({ isNew: true });
    iceRestart.stateChanged('connecting');
    iceRestart.close();
    await pass(10_000);
    expect(unreachable).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
