/** The supervisor with real child processes, in fake time. */
import type { ChildProcess } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { ChildSupervisor, type ChildSupervisorOptions } from '../../process/child-supervisor.ts';
import { FakeClock } from '../../time/fake-clock.ts';
import { until } from '../support/until.ts';

interface Report {
  args: string[];
  env: Record<string, string>;
}
type Message = Report | 'pong';

const started: { supervisor: ChildSupervisor<Message>; children: ChildProcess[] }[] = [];

function supervise(mode: string, more: Partial<ChildSupervisorOptions<Message>> = {}) {
  const clock = new FakeClock();
  const children: ChildProcess[] = [];
  const messages: Message[] = [];
  const events: string[] = [];
  const supervisor = new ChildSupervisor<Message>({
    program: {
      module: new URL('../support/supervised-child.ts', import.meta.url),
      args: () => [mode, `start ${children.length + 1}`],
      environment: { PATH: process.env.PATH ?? '', VISIBLE: 'yes' },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
    restart: { firstDelayMs: 500, maxDelayMs: 2000 },
    clock,
    onStart(child, isRestart) {
      children.push(child);
      events.push(isRestart ? 'restart' : 'start');
    },
    onMessage: (message) => messages.push(message),
    onRestartScheduled: (reason, delayMs) => events.push(`${reason}, ${delayMs} ms`),
    onFailed: (reason, starts) => events.push(`failed after ${starts}: ${reason}`),
    ...more,
  });
  started.push({ supervisor, children });
  const kill = async () => {
    children.at(-1)?.kill('SIGKILL');
    await until(() => supervisor.pid === undefined);
  };
  return { clock, supervisor, children, messages, events, kill };
}

const hasExited = (child: ChildProcess | undefined): boolean => child?.exitCode != null || child?.signalCode != null;

afterEach(async () => {
  for (const { supervisor, children } of started.splice(0)) {
    for (const child of children) child.kill('SIGKILL');
    await supervisor.stop();
  }
});

describe('a supervised process', () => {
  it('gets its environment without the withheld variables', async () => {
    const { messages } = supervise('polite');
    await until(() => messages.length === 1);
    expect((messages[0] as Report).env).toMatchObject({ VISIBLE: 'yes' });
    expect((messages[0] as Report).env).not.toHaveProperty('BOOTH_TEST_SEED');
  });

  it('is started again when it ends, with arguments asked for anew', async () => {
    const { clock, children, messages, events } = supervise('polite');
    await until(() => messages.length === 1);
    children[0]?.send('exit');
    await until(() => events.length === 2);
    clock.advance(499);
    expect(children).toHaveLength(1);
    clock.advance(1);
    await until(() => messages.length === 2);
    expect(events).toEqual(['start', 'exit code 3, 500 ms', 'restart']);
    expect(messages.map((message) => (message as Report).args[1])).toEqual(['start 1', 'start 2']);
  });

  it('is killed and started again where its parent asks for that, with the reason', async () => {
    const { clock, supervisor, children, messages, events } = supervise('stubborn');
    await until(() => messages.length === 1);
    supervisor.restart('it took too much memory');
    await until(() => events.length === 2);
    expect(children[0]?.signalCode).toBe('SIGKILL');
    clock.advance(500);
    await until(() => messages.length === 2);
    expect(events).toEqual(['start', 'it took too much memory, 500 ms', 'restart']);
  });

  it('waits twice as long before each restart, up to the maximum', async () => {
    const { clock, events, kill } = supervise('mute');
    for (let i = 0; i < 4; i++) {
      await kill();
      clock.advance(2000);
    }
    expect(events.filter((event) => event.startsWith('SIGKILL'))).toEqual([
      'SIGKILL, 500 ms',
      'SIGKILL, 1000 ms',
      'SIGKILL, 2000 ms',
      'SIGKILL, 2000 ms',
    ]);
  });

  it('waits as briefly as at first after a stable run', async () => {
    const restart = { firstDelayMs: 500, maxDelayMs: 2000, stableAfterMs: 30_000 };
    const { clock, events, kill } = supervise('mute', { restart });
    await kill();
    clock.advance(500);
    clock.advance(29_999);
    await kill();
    clock.advance(1000);
    clock.advance(30_000);
    await kill();
    expect(events.filter((event) => event.startsWith('SIGKILL'))).toEqual([
      'SIGKILL, 500 ms',
      'SIGKILL, 1000 ms',
      'SIGKILL, 500 ms',
    ]);
  });

  it('has failed after too many starts within the time, and is not started again', async () => {
    const restart = { firstDelayMs: 500, maxDelayMs: 2000, limit: { starts: 2, withinMs: 60_000 } };
    const { clock, supervisor, events, kill } = supervise('mute', { restart });
    await kill();
    clock.advance(60_000);
    await kill();
    // The first start was a minute ago, and does not count.
    expect(events.at(-1)).toBe('SIGKILL, 500 ms');
    clock.advance(1000);
    await kill();
    expect(events.at(-1)).toBe('SIGKILL, 500 ms');
    clock.advance(500);
    await kill();
    expect(events.at(-1)).toBe('failed after 2: SIGKILL');
    clock.advance(600_000);
    expect(supervisor.pid).toBeUndefined();
    expect(clock.pending).toBe(0);
  });
});

describe('the watchdog', () => {
  const watchdog = { firstMessageMs: 60_000, messageEveryMs: 10_000 };

  it('kills a process that sends no first message in time', async () => {
    const { clock, events } = supervise('mute', { watchdog });
    clock.advance(59_999);
    expect(events).toEqual(['start']);
    clock.advance(1);
    await until(() => events.length === 2);
    expect(events[1]).toBe('no sign of life for 60 s: this computer may be too busy, 500 ms');
  });

  it('kills a process whose messages stop, and none whose messages come', async () => {
    const { clock, children, messages, events } = supervise('polite', { watchdog });
    await until(() => messages.length === 1);
    clock.advance(9_999);
    children[0]?.send('ping');
    await until(() => messages.length === 2);
    clock.advance(9_999);
    expect(events).toEqual(['start']);
    clock.advance(1);
    await until(() => events.length === 2);
    expect(events[1]).toBe('no sign of life for 10 s: this computer may be too busy, 500 ms');
  });
});

describe('stopping', () => {
  it('ends the process with SIGTERM', async () => {
    const { clock, supervisor, children, messages } = supervise('polite');
    await until(() => messages.length === 1);
    await supervisor.stop();
    expect(children[0]?.signalCode).toBe('SIGTERM');
    expect(clock.pending).toBe(0);
    await supervisor.stop();
  });

  it('kills a process that has not ended within 3 s', async () => {
    const { clock, supervisor, children, messages } = supervise('stubborn');
    await until(() => messages.length === 1);
    const stopped = supervisor.stop();
    clock.advance(2_999);
    children[0]?.send('ping');
    await new Promise((resolve) => children[0]?.once('message', resolve));
    expect(hasExited(children[0])).toBe(false);
    clock.advance(1);
    await stopped;
    expect(children[0]?.signalCode).toBe('SIGKILL');
  });

  it('prevents a restart that was scheduled', async () => {
    const { clock, supervisor, children, kill } = supervise('mute');
    await kill();
    await supervisor.stop();
    clock.advance(60_000);
    expect(children).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('lets a process end by itself where only restarting is stopped', async () => {
    const { clock, supervisor, children, messages, events } = supervise('polite');
    await until(() => messages.length === 1);
    supervisor.stopRestarting();
    expect(hasExited(children[0])).toBe(false);
    children[0]?.send('exit');
    await until(() => supervisor.pid === undefined);
    clock.advance(60_000);
    expect(events).toEqual(['start']);
  });
});
