import { describe, expect, it } from 'vitest';
import { IceRestart } from '../../../room-client/ice-restart.ts';
import { SignallingError } from '../../../room-client/signalling-client.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

/** A transport that was connected. */
function setUp({ restart = async () => {} }: { restart?: () => Promise<void> } = {}) {
  const clock = new FakeClock();
  const counts = { restarts: 0, givenUp: 0 };
  const iceRestart = new IceRestart({
    clock,
    restart: () => {
      counts.restarts++;
      return restart();
    },
    onGivenUp: () => counts.givenUp++,
  });
  iceRestart.stateChanged('connected');
  /** Time passes, and what it causes has happened. */
  const pass = async (ms: number) => {
    clock.advance(ms);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { clock, counts, iceRestart, pass };
}

describe('ICE', () => {
  it('is restarted once the transport has been disconnected for 2 s', async () => {
    const { counts, iceRestart, pass } = setUp();
    iceRestart.stateChanged('disconnected');
    await pass(1999);
    expect(counts.restarts).toBe(0);
    await pass(1);
    expect(counts.restarts).toBe(1);
  });

  it('is not restarted where the transport connects by itself', async () => {
    const { clock, counts, iceRestart, pass } = setUp();
    iceRestart.stateChanged('disconnected');
    await pass(1000);
    iceRestart.stateChanged('connected');
    await pass(60_000);
    expect(counts.restarts).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['changes nothing', async () => {}],
    ['fails', () => Promise.reject(new Error('no answer'))],
  ])('is restarted after 2, 4, 8 and 16 s, then given up once, where a restart %s', async (_, restart) => {
    const { clock, counts, iceRestart, pass } = setUp({ restart });
    iceRestart.stateChanged('disconnected');
    const restartedAt: number[] = [];
    for (let second = 1; second <= 23; second++) {
      const { restarts } = counts;
      await pass(1000);
      if (counts.restarts > restarts) restartedAt.push(second);
    }
    expect(restartedAt).toEqual([2, 4, 8, 16]);
    expect(counts.givenUp).toBe(0);
    await pass(1000);
    expect(counts).toEqual({ restarts: 4, givenUp: 1 });
    iceRestart.stateChanged('disconnected');
    await pass(60_000);
    expect(counts).toEqual({ restarts: 4, givenUp: 1 });
    expect(clock.pending).toBe(0);
  });

  it('has all its restarts again after it was connected', async () => {
    const { counts, iceRestart, pass } = setUp();
    iceRestart.stateChanged('disconnected');
    for (let second = 0; second < 10; second++) await pass(1000);
    expect(counts.restarts).toBe(3);
    iceRestart.stateChanged('connected');
    iceRestart.stateChanged('disconnected');
    await pass(2000);
    await pass(2000);
    expect(counts).toEqual({ restarts: 5, givenUp: 0 });
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
    await pass(2000);
    iceRestart.stateChanged('failed');
    await pass(1999);
    expect(counts.restarts).toBe(1);
    await pass(1);
    expect(counts).toEqual({ restarts: 2, givenUp: 0 });
  });

  it('is given up at once where the transport fails after the last restart', async () => {
    const { clock, counts, iceRestart, pass } = setUp();
    iceRestart.stateChanged('disconnected');
    for (let second = 0; second < 16; second++) await pass(1000);
    expect(counts).toEqual({ restarts: 4, givenUp: 0 });
    iceRestart.stateChanged('failed');
    iceRestart.stateChanged('failed');
    expect(counts).toEqual({ restarts: 4, givenUp: 1 });
    expect(clock.pending).toBe(0);
  });

  it('is given up at once where a transport fails that was never connected', async () => {
    const counts = { restarts: 0, givenUp: 0 };
    const iceRestart = new IceRestart({
      clock: new FakeClock(),
      restart: async () => {
        counts.restarts++;
      },
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

  it('is given up after the second restart that the server has not answered within 15 s', async () => {
    const unanswered = () =>
      new Promise<void>((_, reject) => clock.after(15_000, () => reject(new SignallingError('timeout', 'no answer'))));
    const { clock, counts, iceRestart, pass } = setUp({ restart: unanswered });
    iceRestart.stateChanged('failed');
    for (let second = 0; second < 31; second++) await pass(1000);
    expect(counts).toEqual({ restarts: 2, givenUp: 0 });
    await pass(1000);
    expect(counts).toEqual({ restarts: 2, givenUp: 1 });
    expect(clock.pending).toBe(0);
  });

  it('is restarted again where the server did not answer in time', async () => {
    const late = () => Promise.reject(new SignallingError('timeout', 'no answer within 15 s'));
    const { counts, iceRestart, pass } = setUp({ restart: late });
    iceRestart.stateChanged('failed');
    await pass(0);
    await pass(2000);
    expect(counts).toEqual({ restarts: 2, givenUp: 0 });
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
    await pass(60_000);
    expect(counts.restarts).toBe(0);
  });
});
