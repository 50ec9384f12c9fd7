/** The programs that decode and encode, when the process that started them ends or is interrupted. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { processes } from '../../../scripts/test/processes.mjs';
import { until } from '../../support/until.ts';

const module = fileURLToPath(new URL('../../../recordings/ffmpeg.ts', import.meta.url));

/** A process that starts `sleep` and, when it is told to, ends by itself; and the id of the `sleep`. */
async function stage(): Promise<{ parent: ChildProcess; program: number }> {
  const code = `
    import { startProgram } from ${JSON.stringify(module)};
    process.on('SIGINT', () => {});
    process.on('SIGTERM', () => process.exit(3));
    console.log(startProgram('sleep', ['600']).child.pid);`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [text] = (await once(parent.stdout ?? parent, 'data')) as [Buffer];
  const program = Number(text.toString());
  onTestFinished(() => {
    for (const pid of [parent.pid ?? 0, program]) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  return { parent, program };
}

const isAlive = (pid: number): boolean => processes().some((one) => one.pid === pid);

it('do not outlive it', async () => {
  const { parent, program } = await stage();
  expect(isAlive(program)).toBe(true);
  parent.kill('SIGTERM');
  await once(parent, 'close');
  await until(() => !isAlive(program));
});

it('are not ended by Ctrl-C, which that process has to judge', async () => {
  const { parent, program } = await stage();
  process.kill(-(parent.pid ?? 0), 'SIGINT');
  parent.stdout?.destroy();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([isAlive(parent.pid ?? 0), isAlive(program)]).toEqual([true, true]);
});
