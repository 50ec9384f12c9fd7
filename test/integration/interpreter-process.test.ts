/** An interpreter's process and its parent: real processes, killed, stopped and refused. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { InterpreterAssignment } from '../../bot/process/interpreter-ipc.ts';
import { type InterpreterProcess, superviseInterpreter } from '../../bot/process/interpreter-supervisor.ts';
import { offline } from '../../config/models.ts';
import { endsWithThisProcess } from '../../process/parent-watchdog.mjs';
import { FakeClock } from '../../time/fake-clock.ts';
import { Guest, signalUrl } from '../support/meeting.ts';
import { interpreter, person, startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { until } from '../support/until.ts';

const KEY = 'sk-a-key-that-nobody-may-see';

describe('an interpreter’s process', () => {
  let server: TestServer;
  const launched: InterpreterProcess[] = [];
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const one of launched.splice(0)) {
      if (one.pid !== undefined) process.kill(one.pid, 'SIGKILL');
      await one.stop();
    }
  });
  afterAll(() => server.close());

  const assignmentTo = (target: TestServer, more: Partial<InterpreterAssignment> = {}): InterpreterAssignment => ({
    url: signalUrl(target),
    token: tokenOf(interpreter('bot')),
    languages: 'auto',
    pictures: 'off',
    languageSettings: {},
    translation: { url: 'ws://127.0.0.1:9', model: offline.id, key: KEY },
    sessionIdleTimeoutMs: 1000,
    playout: { tracks: 'mixed', maxLagMs: 8000, voices: 1 },
    logLevel: 'info',
    ...more,
  });

  const launch = (assignment: InterpreterAssignment, limits: { maxMemoryMb?: number } = {}) => {
    const clock = new FakeClock();
    const states: string[] = [];
    const log: string[] = [];
    const child = superviseInterpreter({
      assignment,
      ...limits,
      clock,
      onState: (state, message) => states.push(message === undefined ? state : `${state}: ${message}`),
      onLog: (line) => log.push(line),
    });
    launched.push(child);
    return { child, clock, states, log, runs: () => until(() => states.at(-1) === 'running', 30_000) };
  };
  const pidOf = ({ pid }: InterpreterProcess): number => {
    if (pid === undefined) throw new Error('no process');
    return pid;
  };
  const isGone = (pid: number) =>
    !existsSync(`/proc/${pid}/cmdline`) || /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

  it('joins the room, and leaves it when it is stopped', async () => {
    const { child, states, runs } = launch(assignmentTo(server));
    await runs();
    expect(states).toEqual(['starting', 'running']);
    const pid = pidOf(child);
    await child.stop();
    await child.stop();
    expect(isGone(pid)).toBe(true);
    expect(states).toEqual(['starting', 'running']);
  });

  it('is ended and started again when it takes more memory than it may, and has failed where that never ends', async () => {
    const { child, clock, states } = launch(assignmentTo(server), { maxMemoryMb: 1 });
    for (let start = 1; start <= 5; start++) {
      await until(() => child.pid !== undefined);
      await until(() => child.pid === undefined, 60_000);
      clock.advance(10_000);
    }
    const reason = String.raw`it took \d+ MB of memory, more than the 1 MB that it may take`;
    expect(states[0]).toBe('starting');
    expect(
      states.filter((state) => new RegExp(`^restarting: The interpreter ended \\(${reason}\\)\\.$`).test(state)),
    ).toHaveLength(4);
    expect(states.at(-1)).toMatch(
      new RegExp(`^failed: The interpreter ended 5 times within five minutes \\(${reason}\\)\\.$`),
    );
  });

  it('stands by for another in the room, and takes over when that is killed', async () => {
    const room = 'two-interpreters';
    const speaker = await Guest.enter(server, person('ann', { room }), { preferences: { speaks: 'en' } });
    const reader = await Guest.enter(server, person('bob', { room }), { preferences: { hears: 'es', reads: ['es'] } });
    await speaker.room.publishMicrophone();
    const both = ['bot-1', 'bot-2'].map((id) =>
      launch(assignmentTo(server, { token: tokenOf(interpreter(id, { room })) })),
    );
    await Promise.all(both.map(({ runs }) => runs()));
    const publishing = () =>
      [...reader.room.participants.values()].filter(({ kind, producers, dataProducers }) => {
        const languages = [...producers, ...dataProducers].map(({ booth }) => booth?.language);
        return kind === 'interpreter' && languages.filter((language) => language === 'es').length === 2;
      });
    // Both may publish before they see each other; then one of them withdraws.
    let oneSinceMs: number | undefined;
    await until(() => {
      oneSinceMs = publishing().length === 1 ? (oneSinceMs ?? Date.now()) : undefined;
      return oneSinceMs !== undefined && Date.now() - oneSinceMs >= 1000;
    });
    const first = publishing()[0]?.id;
    const [one, other] = both;
    if (!one || !other) throw new Error('there are two');
    process.kill(pidOf((first === 'bot-1' ? one : other).child), 'SIGKILL');
    await until(() => publishing().length === 1 && publishing()[0]?.id !== first);
    for (const { room: left } of [speaker, reader]) left.close();
  });

  it('shows no secret in its environment or its command line', async () => {
    vi.stubEnv('DASHSCOPE_API_KEY', KEY);
    vi.stubEnv('BOOTH_SECRET', 'the secret that signs tokens');
    const assignment = assignmentTo(server);
    const { child, log, runs } = launch(assignment);
    await runs();
    const shown = ['environ', 'cmdline']
      .map((file) => readFileSync(`/proc/${pidOf(child)}/${file}`, 'utf8'))
      .join('\n');
    for (const secret of [KEY, 'the secret that signs tokens', assignment.token]) {
      expect(shown).not.toContain(secret);
      expect(log.join('\n')).not.toContain(secret);
    }
    expect(shown).toContain('PATH=');
  });

  it('is started again when it is killed', async () => {
    const { child, clock, states, runs } = launch(assignmentTo(server));
    await runs();
    const first = pidOf(child);
    process.kill(first, 'SIGKILL');
    await until(() => states.length > 2);
    expect(states.at(-1)).toBe('restarting: The interpreter ended (SIGKILL).');
    clock.advance(500);
    await runs();
    expect(child.pid).not.toBe(first);
  });

  it('is killed and started again when its event loop does not turn for 10 s', async () => {
    const { child, clock, states, runs } = launch(assignmentTo(server));
    await runs();
    const first = pidOf(child);
    process.kill(first, 'SIGSTOP');
    // What it had said before it was stopped arrives first.
    await new Promise((resolve) => setTimeout(resolve, 500));
    clock.advance(9_999);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isGone(first)).toBe(false);
    clock.advance(1);
    await until(() => isGone(first));
    await until(() => states.at(-1)?.startsWith('restarting') ?? false);
    expect(states.at(-1)).toContain('no sign of life for 10 s');
    clock.advance(500);
    await runs();
  });

  it('has a minute for its first sign of life, as a computer may be busy', async () => {
    const { child, clock, states } = launch(assignmentTo(server));
    const first = pidOf(child);
    process.kill(first, 'SIGSTOP');
    clock.advance(59_999);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isGone(first)).toBe(false);
    clock.advance(1);
    await until(() => states.at(-1)?.includes('no sign of life for 60 s') ?? false);
    expect(isGone(first)).toBe(true);
  });

  it('is not killed while it gives signs of life', async () => {
    const { child, clock, runs } = launch(assignmentTo(server));
    await runs();
    const pid = pidOf(child);
    for (let i = 0; i < 3; i++) {
      const { timersSet } = clock;
      clock.advance(8_000);
      // A sign of life puts the deadline off.
      await until(() => clock.timersSet > timersSet);
    }
    expect(child.pid).toBe(pid);
    expect(isGone(pid)).toBe(false);
  });

  it('has failed when it ended five times within five minutes, each pause twice as long as the one before', async () => {
    const { child, clock, states } = launch(assignmentTo(server));
    const pauses: number[] = [];
    for (let i = 0; i < 5; i++) {
      const pid = pidOf(child);
      process.kill(pid, 'SIGKILL');
      await until(() => child.pid === undefined);
      if (i === 4) break;
      let paused = 0;
      for (; child.pid === undefined && paused < 60_000; paused += 100) clock.advance(100);
      pauses.push(paused);
    }
    expect(pauses).toEqual([500, 1000, 2000, 4000]);
    expect(states.at(-1)).toBe('failed: The interpreter ended 5 times within five minutes (SIGKILL).');
    clock.advance(600_000);
    expect(child.pid).toBeUndefined();
  });

  it('is started again for ever where it ends once an hour', async () => {
    const { child, clock, states } = launch(assignmentTo(server));
    for (let i = 0; i < 6; i++) {
      process.kill(pidOf(child), 'SIGKILL');
      await until(() => child.pid === undefined);
      clock.advance(3_600_000);
      expect(child.pid).toBeDefined();
    }
    expect(states.filter((state) => state.startsWith('failed'))).toEqual([]);
  });

  it('is gone within 3 s although it does not react to SIGTERM', async () => {
    const { child, clock, runs } = launch(assignmentTo(server));
    await runs();
    const pid = pidOf(child);
    process.kill(pid, 'SIGSTOP');
    const stopped = child.stop();
    clock.advance(2_999);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isGone(pid)).toBe(false);
    clock.advance(1);
    await stopped;
    expect(isGone(pid)).toBe(true);
  });

  it('is not started again where it is stopped in the pause after a crash', async () => {
    const { child, clock, states } = launch(assignmentTo(server));
    process.kill(pidOf(child), 'SIGKILL');
    await until(() => child.pid === undefined);
    await child.stop();
    clock.advance(60_000);
    expect(child.pid).toBeUndefined();
    expect(states.at(-1)).toMatch(/^restarting/);
  });

  it('has failed, with the reason, where the room refuses it for good', async () => {
    const { child, clock, states } = launch(assignmentTo(server, { token: 'wrong' }));
    await until(() => states.at(-1)?.startsWith('failed') ?? false);
    expect(states.at(-1)).toMatch(/token/);
    await until(() => child.pid === undefined);
    clock.advance(600_000);
    expect(child.pid).toBeUndefined();
  });

  it('joins again when its server is back', async () => {
    const first = await startTestServer();
    const { states, runs } = launch(assignmentTo(first));
    await runs();
    await first.close();
    await until(() => states.at(-1)?.startsWith('restarting') ?? false);
    const second = await startTestServer({ port: first.port });
    await runs();
    await second.close();
  });

  it('logs why it failed', async () => {
    const { log, states } = launch(assignmentTo(server, { token: 'wrong' }));
    await until(() => states.at(-1)?.startsWith('failed') ?? false);
    await until(() => log.length > 0);
    const lines = log.map((line) => JSON.parse(line) as { part?: string; err?: { message?: string } });
    expect(lines.find(({ err }) => err)).toMatchObject({
      part: 'interpreter',
      err: { message: expect.stringMatching(/token/) },
    });
  });

  it('says in every line of its log in which room it is and which interpreter it is', async () => {
    const { log, states } = launch(assignmentTo(server));
    await until(() => states.includes('running'));
    await until(() => log.length > 0);
    const lines = log.map((line) => JSON.parse(line) as { room?: string; interpreter?: string });
    for (const line of lines) expect(line).toMatchObject({ room: 'demo', interpreter: 'bot' });
  });

  it('ends when its parent is gone, although nobody reads the rest of its log', async () => {
    const child = fork(new URL('../support/logging-child.ts', import.meta.url), {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    await once(child, 'message');
    child.stderr?.destroy();
    child.disconnect();
    const gone = await Promise.race([once(child, 'exit'), new Promise((resolve) => setTimeout(resolve, 10_000))]);
    child.kill('SIGKILL');
    expect(gone).toEqual([0, null]);
  });

  it('ends when its parent is gone', async () => {
    const parent = fork(new URL('../support/launching-parent.ts', import.meta.url), {
      env: { ...process.env, ...endsWithThisProcess() },
      execArgv: [],
    });
    parent.send(assignmentTo(server));
    const [pid] = (await once(parent, 'message')) as [number];
    await until(() => !isGone(pid));
    parent.kill('SIGKILL');
    await until(() => isGone(pid));
  });
});
