import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { make } from '../../../engine/setup/cache.mjs';
import { elapsed, withProgress } from '../../../scripts/setup/progress.mjs';

describe('a long step', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  it('logs its name, its usual duration, and its progress every ten seconds', async () => {
    const lines: string[] = [];
    const step = withProgress(
      { title: 'compiling', usually: 'about 5 min' },
      async (report) => {
        report('10 %');
        await pause(12_000);
        report('60 %');
        await pause(9000);
      },
      { write: (text) => lines.push(text) },
    );
    await vi.advanceTimersByTimeAsync(21_000);
    await step;
    expect(lines).toEqual([
      'booth: compiling (about 5 min) …\n',
      'booth: compiling: 10 %, 10 s\n',
      'booth: compiling: 60 %, 20 s\n',
      'booth: compiling: done in 21 s\n',
    ]);
  });

  it('prints nothing more once it has failed', async () => {
    const lines: string[] = [];
    const step = withProgress({ title: 'compiling', usually: '' }, () => Promise.reject(new Error('no')), {
      write: (text) => lines.push(text),
    });
    await expect(step).rejects.toThrow('no');
    const written = lines.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lines).toHaveLength(written);
  });

  it.each([
    [400, '0 s'],
    [59_400, '59 s'],
    [125_000, '2 min 5 s'],
  ])('of %i ms is printed as %s', (ms, words) => {
    expect(elapsed(ms)).toBe(words);
  });
});

describe('a folder of the cache', () => {
  let parent = '';
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'booth-cache-'));
  });
  afterEach(() => rm(parent, { recursive: true }));

  it('exists only once it is complete', async () => {
    const folder = join(parent, 'part');
    await make(folder, async (part) => {
      await writeFile(join(part, 'a'), '');
      expect(await readdir(parent)).not.toContain('part');
      await writeFile(join(part, 'b'), '');
    });
    expect(await readdir(folder)).toEqual(['a', 'b']);
    expect(await readdir(parent)).toEqual(['part']);
  });

  it('is left as it was where making it anew failed', async () => {
    const folder = join(parent, 'part');
    await make(folder, (part) => writeFile(join(part, 'old'), ''));
    const failing = make(folder, async (part) => {
      await writeFile(join(part, 'new'), '');
      throw new Error('the network went away');
    });
    await expect(failing).rejects.toThrow('went away');
    expect(await readdir(parent)).toEqual(['part']);
    expect(await readdir(folder)).toEqual(['old']);
  });

  it('is made in spite of what a killed process left behind', async () => {
    const folder = join(parent, 'part');
    await make(`${folder}.part`, (part) => writeFile(join(part, 'left'), ''));
    await make(folder, (part) => writeFile(join(part, 'new'), ''));
    expect(await readdir(folder)).toEqual(['new']);
  });
});
