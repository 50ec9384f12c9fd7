/** `npm test` itself, which leaves no process behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { repository } from '../../scripts/places.mjs';
import { descendantsOf, isRunning, processes } from '../../scripts/test/processes.mjs';
import { until } from '../support/until.ts';

/** Runs one of the tests of `test/fixtures/test-run`. */
function startTests(file: string): { run: ChildProcess; output: { text: string } } {
  const folder = join(repository, 'test/fixtures/test-run');
  const args = ['--config', join(folder, 'vitest.config.ts'), '--root', folder, '--project=run', file];
  const run = spawn(process.execPath, [join(repository, 'scripts/test.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void run.kill('SIGTERM'));
  const output = { text: '' };
  for (const stream of [run.stdout, run.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output.text += text;
    });
  return { run, output };
}

describe('npm test', () => {
  it('fails where a process is left behind, names it and kills it', async () => {
    const { run, output } = startTests('leaving.ts');
    const [exitCode] = await once(run, 'close');
    expect(output.text).toContain('1 passed, 0 failed');
    const [, pid] = /Left behind by the tests, and killed:\n {2}(\d+) sleep 4321\n/.exec(output.text) ?? [];
    expect(pid, output.text).toBeDefined();
    expect(exitCode).toBe(1);
    expect(processes().filter((one) => one.pid === Number(pid))).toEqual([]);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('ends at once with all that it has started at %s', async (signal, expected) => {
    const { run } = startTests('waiting.ts');
    const all = () => descendantsOf(run.pid ?? 0);
    await until(() => all().filter(({ command }) => command === 'sleep 4322').length === 2);
    const started = all();
    const ended = once(run, 'close');
    run.kill(signal);
    expect(await ended).toEqual([expected, null]);
    expect(started.filter(isRunning)).toEqual([]);
  });
});
