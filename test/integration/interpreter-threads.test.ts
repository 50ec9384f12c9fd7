/** Interpreters of several rooms in one process: real server, worker, process and threads; a simulated service. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { InterpreterThreads, type InterpreterThreadsOptions } from '../../bot/process/interpreter-threads.ts';
import { descendantsOf, isRunning } from '../../scripts/test/processes.mjs';
import { systemClock } from '../../time/clock.ts';
import { FakeClock } from '../../time/fake-clock.ts';
import { InterpretedRoom } from '../support/interpreted-room.ts';
import { failThreadOf } from '../support/room-fault.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { SimulatedVendor } from '../support/simulated-vendor.ts';
import { until } from '../support/until.ts';

const isGone = (pid: number) =>
  !existsSync(`/proc/${pid}/cmdline`) || /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

const threadFile = new URL('../support/faulty-rooms-thread.ts', import.meta.url);

describe('the interpreters of several rooms', () => {
  let server: TestServer;
  beforeAll(async () => {
    const sessionBudget = { connectionsPerMinute: 1000, tokensPerMinute: 10_000_000 };
    server = await startTestServer({ onDemand: false, sessionBudget });
  });
  afterAll(() => server.close());

  const launcher = (options: Partial<InterpreterThreadsOptions> = { threadFile }) => {
    const log: string[] = [];
    const threads = new InterpreterThreads({
      threads: 2,
      clock: systemClock,
      onLog: (line) => log.push(line),
      ...options,
    });
    onTestFinished(() => threads.close());
    return { threads, log };
  };
  let rooms = 0;
  /** Rooms of which each is called anew for each test. */
  const launch = (threads: InterpreterThreads, count: number, service = 'ws://127.0.0.1:9') => {
    const launched = Array.from(
      { length: count },
      () => new InterpretedRoom(`hall-${process.pid}-${++rooms}`, { server, threads, service }),
    );
    onTestFinished(() => {
      for (const room of launched) room.leave();
    });
    return launched;
  };
  const pidOf = ({ pid }: InterpreterThreads): number => {
    if (pid === undefined) throw new Error('no process');
    return pid;
  };

  it('translate in all of them, in one process that is gone when they are closed', async () => {
    const vendor = await SimulatedVendor.start();
    const { threads, log } = launcher({});
    const halls = launch(threads, 3, vendor.url);
    await Promise.all(halls.map((hall) => hall.meet(server)));
    await Promise.all(halls.map((hall) => hall.translates()));
    const pid = pidOf(threads);
    for (const hall of halls) {
      expect(hall.told).toEqual(['starting', 'running']);
      expect(hall.interpreter.pid).toBe(pid);
      expect(log.map((line) => JSON.parse(line))).toContainEqual(
        expect.objectContaining({ part: 'interpreter', interpreter: hall.bot, msg: 'interpreter joined the room' }),
      );
    }
    await threads.close();
    expect(isGone(pid)).toBe(true);
    await until(() => halls.every(({ isPresent }) => !isPresent));
  });

  it('leave one by one', async () => {
    const { threads } = launcher();
    const [left, other] = launch(threads, 2);
    if (!left || !other) throw new Error('there are two');
    await Promise.all([left, other].map((hall) => hall.watch(server)));
    await until(() => left.isPresent && other.isPresent);
    await Promise.all([left.runs(), other.runs()]);
    await Promise.all([left.interpreter.stop(), left.interpreter.stop()]);
    await until(() => !left.isPresent);
    expect(left.interpreter.pid).toBeUndefined();
    expect(other.isPresent).toBe(true);
    expect(other.told).toEqual(['starting', 'running']);
    expect(isGone(pidOf(threads))).toBe(false);
  });

  it.each(['throws', 'hangs'] as const)('go on where a thread %s, and nobody else notices', async (how) => {
    const vendor = await SimulatedVendor.start();
    const { threads } = launcher();
    const [first, other] = launch(threads, 2, vendor.url);
    if (!first || !other) throw new Error('there are two');
    await Promise.all([first, other].map((hall) => hall.meet(server)));
    await Promise.all([first, other].map((hall) => hall.translates()));
    const pid = pidOf(threads);
    failThreadOf(first.bot, { how, always: false });
    await until(() => first.states.some(({ state }) => state === 'restarting'));
    await first.runs();
    await first.translates();
    const reason = how === 'throws' ? 'a defect' : 'no sign of life for 5 s';
    expect(first.told).toEqual(['starting', 'running', expect.stringContaining(reason), 'running']);
    expect(other.told).toEqual(['starting', 'running']);
    expect(threads.pid).toBe(pid);
  });

  it('go on where a thread runs out of memory', async () => {
    const { threads } = launcher();
    const [hall] = launch(threads, 1);
    if (!hall) throw new Error('there is one');
    await hall.runs();
    failThreadOf(hall.bot, { how: 'hoards', always: false });
    await until(() => hall.told.length === 4);
    // A computer with much to do may take longer to fill the memory than a thread may be silent.
    const reason = expect.stringMatching(/^restarting: .*(it ran out of memory|no sign of life)/);
    expect(hall.told).toEqual(['starting', 'running', reason, 'running']);
  });

  it('go on where one of them ends its thread each time, which fails at last', async () => {
    const { threads } = launcher({ threadFile, threads: 1 });
    const [guilty, innocent] = launch(threads, 2);
    if (!guilty || !innocent) throw new Error('there are two');
    await Promise.all([guilty.runs(), innocent.runs()]);
    failThreadOf(guilty.bot, { how: 'throws', always: true });
    await until(() => guilty.state === 'failed');
    expect(guilty.told.at(-1)).toBe('failed: The interpreter ended 5 times within five minutes (a defect).');
    await innocent.runs();
    expect(innocent.told.filter((told) => told.startsWith('restarting'))).toHaveLength(2);
    await guilty.interpreter.stop();
  });

  it('are all back where the process is killed', async () => {
    const { threads } = launcher();
    const halls = launch(threads, 2);
    await Promise.all(halls.map((hall) => hall.runs()));
    const pid = pidOf(threads);
    process.kill(pid, 'SIGKILL');
    await until(() => isGone(pid));
    await until(() => halls.every(({ states }) => states.length > 2));
    await Promise.all(halls.map((hall) => hall.runs()));
    for (const { told } of halls)
      expect(told).toEqual([
        'starting',
        'running',
        'restarting: The interpreter ended (SIGKILL).',
        'restarting',
        'running',
      ]);
    expect(threads.pid).not.toBe(pid);
  });

  it('end with their process when there was no room for a minute, and the next room has another', async () => {
    const clock = new FakeClock();
    const { threads } = launcher({ clock });
    const [first] = launch(threads, 1);
    await first?.runs();
    const pid = pidOf(threads);
    await first?.interpreter.stop();
    for (let seconds = 0; seconds < 60 && threads.pid === pid; seconds += 8) {
      const { timersSet } = clock;
      // A sign of life puts off the moment at which a process that gives none is killed.
      await until(() => clock.timersSet > timersSet);
      clock.advance(8000);
    }
    await until(() => isGone(pid));
    const [next] = launch(threads, 1);
    await next?.runs();
    expect(next?.told).toEqual(['starting', 'running']);
  });

  it('leave no timer when one is still leaving as all are closed', async () => {
    const clock = new FakeClock();
    const { threads } = launcher({ clock });
    const [hall] = launch(threads, 1);
    await hall?.runs();
    const left = hall?.interpreter.stop();
    await threads.close();
    await left;
    expect(clock.pending).toBe(0);
  });

  it('have failed, with the reason, where a room refuses them for good, and others stay', async () => {
    const { threads, log } = launcher({});
    const [other] = launch(threads, 1);
    const refused = new InterpretedRoom(
      'refused',
      { server, threads, service: 'ws://127.0.0.1:9' },
      { token: 'a.b.c' },
    );
    await until(() => refused.state === 'failed');
    expect(refused.told.at(-1)).toMatch(/token/);
    expect(refused.interpreter.pid).toBeUndefined();
    await other?.runs();
    await until(() => log.some((line) => line.includes('interpreter failed')));
  });

  it('show no secret in the environment or the command line of their process', async () => {
    vi.stubEnv('DASHSCOPE_API_KEY', 'sk-a-key-that-nobody-may-see');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { threads } = launcher();
    const [hall] = launch(threads, 1);
    await hall?.runs();
    for (const file of ['environ', 'cmdline']) {
      const shown = readFileSync(`/proc/${pidOf(threads)}/${file}`, 'utf8');
      for (const secret of ['sk-a-key-that-nobody-may-see', 'sk-any', 'eyJ']) expect(shown).not.toContain(secret);
    }
  });

  it('have a process before there is a room, where whoever launches them wants to be quick', async () => {
    const threads = new InterpreterThreads({ clock: systemClock, onLog: () => {}, keepReady: true });
    const child = descendantsOf(process.pid).find(({ pid }) => pid === threads.pid);
    if (!child) throw new Error('there is no process');
    await threads.close();
    expect(threads.pid).toBeUndefined();
    await until(() => !isRunning(child));
  });

  it('are gone when their parent is', async () => {
    const parent = fork(new URL('../support/launching-parent.ts', import.meta.url), ['threads'], { execArgv: [] });
    parent.send({});
    const [pid] = (await once(parent, 'message')) as [number];
    await until(() => !isGone(pid));
    parent.kill('SIGKILL');
    await until(() => isGone(pid));
  });
});
