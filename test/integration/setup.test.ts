import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../engine/setup/lock.mjs';
import { run } from '../../engine/setup/run.mjs';
import { runInPlace } from '../../scripts/setup/child.mjs';
import { until } from '../support/until.ts';

describe('two set-ups at once', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'booth-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const { signal } = new AbortController();

  it('work one after the other, and the second says that it waits', async () => {
    const events: string[] = [];
    const turn = (name: string, isOver: () => boolean) =>
      withLock(join(folder, 'lock'), { signal, onWait: () => events.push(`${name} waits`) }, async () => {
        events.push(`${name} begins`);
        await until(isOver);
        events.push(`${name} ends`);
      });
    const first = turn('one', () => events.includes('two waits'));
    await expect.poll(() => events).toContain('one begins');
    await Promise.all([first, turn('two', () => true)]);
    expect(events).toEqual(['one begins', 'two waits', 'one ends', 'two begins', 'two ends']);
  });

  it('do not wait for a set-up that was killed', async () => {
    const lock = JSON.stringify(new URL('../../engine/setup/lock.mjs', import.meta.url).href);
    const program = `
      const { withLock } = await import(${lock});
      const { signal } = new AbortController();
      await withLock(process.argv[1], { signal, onWait() {} }, () => new Promise(() => console.log('locked')));
    `;
    const killed = spawn(process.execPath, ['--input-type=module', '--eval', program, join(folder, 'lock')]);
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    let waited = false;
    const onWait = () => {
      waited = true;
    };
    expect(await withLock(join(folder, 'lock'), { signal, onWait }, async () => 'mine')).toBe('mine');
    expect(waited).toBe(false);
  });

  it('can be stopped while they wait', async () => {
    const stop = new AbortController();
    await withLock(join(folder, 'lock'), { signal, onWait: () => undefined }, async () => {
      const second = withLock(join(folder, 'lock'), { signal: stop.signal, onWait: () => stop.abort() }, async () => 1);
      await expect(second).rejects.toThrow(/abort/);
    });
  });
});

describe('a program that set-up runs', () => {
  it('passes on its output line by line and as a whole', async () => {
    const lines: string[] = [];
    const out = await run('sh', ['-c', 'echo one; echo two; echo aside >&2'], { onLine: (line) => lines.push(line) });
    expect(out).toBe('one\ntwo');
    expect(lines.toSorted()).toEqual(['aside', 'one', 'two']);
  });

  it('fails with the last lines of its output', async () => {
    await expect(run('sh', ['-c', 'echo no space left >&2; exit 3'])).rejects.toMatchObject({
      code: 3,
      output: 'no space left',
    });
  });

  it('is named where it is not installed', async () => {
    await expect(run('no-such-program', [])).rejects.toThrow('no-such-program is not installed');
  });

  it('is killed when it takes too long, even where its own children run on', async () => {
    await expect(run('sh', ['-c', 'sleep 5 & sleep 5'], { timeoutMs: 300 })).rejects.toThrow('took longer');
  });

  it('is killed when set-up is stopped', async () => {
    const stop = new AbortController();
    const running = run('sleep', ['60'], { signal: stop.signal });
    stop.abort();
    await expect(running).rejects.toThrow(/abort/);
  });
});

describe('a program that runs in place of this one', () => {
  it('decides the exit code', async () => {
    expect(await runInPlace('sh', ['-c', 'exit 7'])).toBe(7);
    expect(await runInPlace('sh', ['-c', 'kill -TERM $$'])).toBe(128 + 15);
  });
});
