/** An interpreter that tries to join a room, in fake time, where no server answers. */
import { getEventListeners } from 'node:events';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { keepInterpreting } from '../../bot/process/keep-interpreting.ts';
import { boothRoom } from '../../bot/room/booth-room.ts';
import { unlimitedConnections } from '../../bot/session/connection-limiter.ts';
import { offline } from '../../config/models.ts';
import { FakeClock } from '../../time/fake-clock.ts';
import { ScriptedSessions } from '../support/scripted-session.ts';
import { until } from '../support/until.ts';

const nowhere = () => {
  const clock = new FakeClock();
  const stopping = new AbortController();
  const losses: string[] = [];
  const running = keepInterpreting({
    room: {
      join: boothRoom({ url: 'ws://127.0.0.1:9/v1/signal', token: 'any' }),
      connectionLimiter: unlimitedConnections,
    },
    languages: 'auto',
    model: offline,
    openSession: new ScriptedSessions().open,
    sessionIdleTimeoutMs: 1000,
    playout: { tracks: 'mixed', maxLagMs: 8000, voices: 1 },
    clock,
    log: pino({ level: 'silent' }),
    signal: stopping.signal,
    onRunning: () => {},
    onLost: (reason) => losses.push(reason),
  });
  return { clock, stopping, losses, running };
};

describe('an interpreter whose server does not answer', () => {
  it('tries again for ever: each second for a while, then after pauses that double up to 10 s', async () => {
    const { clock, stopping, losses, running } = nowhere();
    const pauses: number[] = [];
    const shortest = [...Array<number>(8).fill(1000), 2000, 4000, 8000, 8000, 8000];
    for (let attempt = 1; attempt <= shortest.length; attempt++) {
      await until(() => losses.length === attempt && clock.pending > 0);
      let paused = 0;
      for (; clock.pending > 0; paused += 500) clock.advance(500);
      pauses.push(paused);
    }
    for (const [i, ms] of pauses.entries()) {
      expect(ms).toBeGreaterThanOrEqual(shortest[i] ?? 0);
      expect(ms).toBeLessThanOrEqual(Math.min((shortest[i] ?? 0) * 1.2 + 500, 10_000));
    }
    expect(losses[0]).toMatch(/cannot be reached/);
    stopping.abort();
    await running;
  });

  it('leaves no listener behind after an attempt', async () => {
    const { clock, stopping, losses, running } = nowhere();
    for (let attempt = 1; attempt < 15; attempt++) {
      await until(() => losses.length === attempt && clock.pending > 0);
      clock.advance(10_000);
    }
    expect(getEventListeners(stopping.signal, 'abort').length).toBeLessThanOrEqual(1);
    stopping.abort();
    await running;
  });

  it('stops in the middle of a pause', async () => {
    const { clock, stopping, losses, running } = nowhere();
    await until(() => losses.length === 1 && clock.pending > 0);
    stopping.abort();
    await running;
    expect(clock.pending).toBe(0);
    expect(losses).toHaveLength(1);
  });
});
