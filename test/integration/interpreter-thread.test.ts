/** The supervision of the interpreter's thread: threads that hang, crash, and run out of memory. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { InterpreterThread } from '../../bot/in-process/interpreter-thread.ts';
import { FakeClock } from '../../time/fake-clock.ts';
import { until } from '../support/until.ts';

const file = new URL('../support/faulty-thread.ts', import.meta.url);

function supervised(fault: 'hangs' | 'throws' | 'hoards') {
  const clock = new FakeClock();
  const seen = { running: 0, lost: [] as string[], retryInMs: [] as number[] };
  const thread = new InterpreterThread({
    setup: {
      engine: { url: 'ws://127.0.0.1:9', model: fault },
      limits: { connectionsPerMinute: 8, tokensPerMinute: 100_000 },
      budget: { dailyMoney: 0, dailyTokens: 0, onExceeded: 'captions' },
      logLevels: [],
    },
    clock,
    onRunning: () => seen.running++,
    onLost: (reason, retryInMs) => {
      seen.lost.push(reason);
      seen.retryInMs.push(retryInMs);
    },
    onMessage: () => {},
    file,
    maxHeapMb: 32,
  });
  onTestFinished(() => thread.close());
  thread.start();
  return { thread, clock, seen };
}

describe("the interpreter's thread", () => {
  it('that hangs for ten turns of the clock is ended and started again', async () => {
    const { thread, clock, seen } = supervised('hangs');
    await until(() => seen.running === 1);
    for (let tick = 0; tick < 9; tick++) clock.advance(1000);
    expect(seen.lost).toEqual([]);
    clock.advance(1000);
    expect(seen.lost).toEqual([expect.stringContaining('no sign of life for 10 s')]);
    expect(thread.isRunning).toBe(false);
    thread.send({ type: 'close', room: 1 });
    clock.advance(500);
    await until(() => seen.running === 2);
    expect(thread).toMatchObject({ isRunning: true, starts: 2 });
  });

  it('does not count as hanging because its host was blocked', async () => {
    const { clock, seen } = supervised('hangs');
    await until(() => seen.running === 1);
    clock.stall(600_000);
    clock.advance(1000);
    expect(seen.lost).toEqual([]);
  });

  it('that throws is started again, after a longer pause each time', async () => {
    const { clock, seen } = supervised('throws');
    await until(() => seen.lost.length === 1);
    clock.advance(500);
    await until(() => seen.lost.length === 2);
    expect(seen.lost).toEqual(['a defect', 'a defect']);
    expect(seen.retryInMs).toEqual([500, 1000]);
  });

  it('that runs out of memory takes nothing else along', async () => {
    const { seen } = supervised('hoards');
    await until(() => seen.lost.length === 1);
    expect(seen.lost).toEqual(['it ran out of memory']);
  });

  it('is gone when it was closed, hanging or not, and is not started again', async () => {
    const { thread, clock, seen } = supervised('hangs');
    await until(() => seen.running === 1);
    await thread.close();
    expect(clock.pending).toBe(0);
    thread.start();
    expect(thread.starts).toBe(1);
  });
});
