/** Processes whose parent is killed: they are gone within 5 s, whatever they are doing. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { endsWithThisProcess } from '../../process/parent-watchdog.mjs';
import { repository } from '../../scripts/places.mjs';
import { descendantsOf, isRunning } from '../../scripts/test/processes.mjs';
import { temporaryFolder } from '../support/booth-process.ts';
import { ServedMeeting } from '../support/served.ts';
import { until } from '../support/until.ts';

type Process = ReturnType<typeof descendantsOf>[number];

const GONE_WITHIN_MS = 5000;
/** What this test starts ends with it, also where the test is killed. */
const ownEnvironment = { ...process.env, ...endsWithThisProcess() };

/**
 * Kills a process, and waits until others are gone. `generations`: each generation of children notices the end of the one before it.
 * @returns those that are left after 5 s for each generation, by name
 */
async function leftAfterKilling(pid: number, others: readonly Process[], generations = 1): Promise<string[]> {
  onTestFinished(() => {
    for (const other of others.filter(isRunning)) process.kill(other.pid, 'SIGKILL');
  });
  process.kill(pid, 'SIGKILL');
  const deadline = performance.now() + GONE_WITHIN_MS * generations;
  while (others.some(isRunning) && performance.now() < deadline) await new Promise((wait) => setTimeout(wait, 50));
  return others.filter(isRunning).map(({ command }) => command);
}

describe('a process whose parent was killed is gone within 5 s', () => {
  it.each([
    'in an endless loop',
    'in a wait for what never comes',
    'in a log that nobody reads',
    'in a timer that keeps it running',
  ])('while it hangs %s', async (how) => {
    const parent = fork(new URL('../support/supervising-parent.ts', import.meta.url), [how], {
      env: ownEnvironment,
      execArgv: [],
    });
    const [pid] = (await once(parent, 'message')) as [number];
    const child = descendantsOf(parent.pid ?? 0).filter((one) => one.pid === pid);
    expect(child).toHaveLength(1);
    expect(await leftAfterKilling(parent.pid ?? 0, child)).toEqual([]);
  });

  it('which holds for the engine, the interpreter and the media workers of a server that is killed', async () => {
    const meeting = await ServedMeeting.start();
    await meeting.listen('es');
    const processes = descendantsOf(meeting.pid);
    const commands = processes.map(({ command }) => command).join('\n');
    for (const part of [
      'engine/process/main.ts',
      'bot/process/threads-main.ts',
      'mediasoup-worker',
      'espeak-ng',
      'lt-proc',
    ])
      expect(commands).toContain(part);
    expect(await leftAfterKilling(meeting.pid, processes)).toEqual([]);
  });

  it('which holds for what an engine has started, although it hangs', async () => {
    const meeting = await ServedMeeting.start();
    const engine = engineOf(meeting);
    const started = descendantsOf(engine.pid);
    for (const { pid } of started.filter(({ name }) => name !== 'sh')) process.kill(pid, 'SIGSTOP');
    expect(started.length).toBeGreaterThan(5);
    expect(await leftAfterKilling(engine.pid, started)).toEqual([]);
  });

  it('which holds for a server that was started by the `booth` script', async () => {
    const script = spawn(process.execPath, [join(repository, 'scripts/booth.mjs'), 'start'], {
      env: { ...ownEnvironment, BOOTH_PORT: '0', BOOTH_RTC_PORT: '0', BOOTH_DATA_DIR: temporaryFolder() },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(script.stdout, 'data');
    const processes = descendantsOf(script.pid ?? 0);
    expect(processes.length).toBeGreaterThan(3);
    expect(await leftAfterKilling(script.pid ?? 0, processes.filter(isServer))).toEqual([]);
    // What the server has started has as long again.
    await until(() => !processes.some(isRunning));
  });

  it('which holds for the application that the benchmark measures', async () => {
    const order = { engine: { url: 'ws://127.0.0.1:9', model: 'any', key: 'sk-any' }, speakers: 1, seconds: 60 };
    const host = join(repository, 'bench/plugin/host.mjs');
    const starting = `require('node:child_process').fork(${JSON.stringify(host)}).send(${JSON.stringify(order)})`;
    const parent = spawn(process.execPath, ['-e', starting], { stdio: 'ignore' });
    const processes = () => descendantsOf(parent.pid ?? 0);
    await until(() => processes().some(({ command }) => command.includes('mediasoup-worker')));
    expect(await leftAfterKilling(parent.pid ?? 0, processes())).toEqual([]);
  });

  it('which holds for the browsers of tests', async () => {
    const launcher = fork(new URL('../support/launching-browser.ts', import.meta.url), {
      env: ownEnvironment,
      execArgv: [],
    });
    await once(launcher, 'message');
    const browser = descendantsOf(launcher.pid ?? 0);
    expect(browser.length).toBeGreaterThan(1);
    expect(await leftAfterKilling(launcher.pid ?? 0, browser)).toEqual([]);
  });
});

describe('a run of tests that is starting servers and is killed', () => {
  // `generations` counts from the process that is killed to the servers that a test has started.
  it.each([
    { killed: '`npm test`', program: ['scripts/test.mjs'], generations: 3 },
    { killed: 'vitest', program: ['node_modules/vitest/vitest.mjs', 'run'], generations: 2 },
    { killed: 'its worker', program: ['node_modules/vitest/vitest.mjs', 'run'], generations: 1 },
  ])('leaves no process when $killed is killed', async ({ killed, program: [script = '', ...args], generations }) => {
    const folder = join(repository, 'test/fixtures/test-run');
    const chosen = ['--config', join(folder, 'vitest.config.ts'), '--root', folder, '--project=run', 'starting.ts'];
    const run = spawn(process.execPath, [join(repository, script), ...args, ...chosen], {
      env: ownEnvironment,
      stdio: 'ignore',
    });
    onTestFinished(() => void run.kill('SIGKILL'));
    const started = () => descendantsOf(run.pid ?? 0);
    await until(() => started().filter(isServer).length === 5);
    const processes = started();
    const worker = processes.find(({ pid }) => processes.some((one) => isServer(one) && one.parent === pid));
    const victim = killed === 'its worker' ? worker?.pid : run.pid;
    const left = await leftAfterKilling(
      victim ?? 0,
      processes.filter(({ pid }) => pid !== victim),
      generations,
    );
    // Vitest itself goes on without its worker.
    expect(left.filter((command) => !command.includes('vitest.mjs'))).toEqual([]);
  });
});

const isServer = ({ command }: Process): boolean => command.endsWith('cli/booth.ts start');

function engineOf(meeting: ServedMeeting): Process {
  const engine = descendantsOf(meeting.pid).find(({ command }) => command.includes('engine/process/main.ts'));
  if (!engine) throw new Error('no engine is running');
  return engine;
}
