import { appendFileSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppendedFile } from '../../../../server/transcript/appended-file.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { temporaryFolder } from '../../../support/booth-process.ts';
import { until } from '../../../support/until.ts';

function openFile({ isFull = false, prepare = async () => {} } = {}) {
  const path = join(temporaryFolder(), 'deep', 'file.jsonl');
  const clock = new FakeClock();
  const events: string[] = [];
  const fullDisk = join(path, '..', '..', 'full.jsonl');
  if (isFull) symlinkSync('/dev/full', fullDisk);
  const file = new AppendedFile({
    path: isFull ? fullDisk : path,
    clock,
    prepare,
    onFailing: (error) => events.push(`failing: ${(error as NodeJS.ErrnoException).code}`),
    onRecovered: (lost) => events.push(`recovered, ${lost} lost`),
  });
  const lines = () =>
    readFileSync(file.path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): number => JSON.parse(line).n);
  return { file, clock, events, lines };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe('a file that is appended to', () => {
  it('has each line in the order of the calls, once its promise resolves', async () => {
    const { file, lines } = openFile();
    let last = -1;
    await Promise.all(
      range(0, 500).map(async (n) => {
        expect(await file.append({ n })).toBe(true);
        expect(n).toBe(last + 1);
        last = n;
        if (n % 100 === 0) expect(lines().slice(0, n + 1)).toEqual(range(0, n + 1));
      }),
    );
    await file.close();
    expect(lines()).toEqual(range(0, 500));
  });

  it('does not keep its caller waiting for a slow disk', async () => {
    const { promise: disk, resolve: answer } = Promise.withResolvers<void>();
    const { file, lines } = openFile({ prepare: () => disk });
    const written = range(0, 100).map((n) => file.append({ n }));
    answer();
    expect(await Promise.all(written)).toEqual(written.map(() => true));
    expect(lines()).toEqual(range(0, 100));
    await file.close();
  });

  it('begins a line of its own after one that was not written to its end', async () => {
    const { file, lines } = openFile();
    await file.append({ n: 0 });
    await file.close();
    appendFileSync(file.path, '{"n":1');
    const again = new AppendedFile({
      path: file.path,
      clock: new FakeClock(),
      prepare: async () => {},
      onFailing: () => {},
      onRecovered: () => {},
    });
    await again.append({ n: 2 });
    await again.close();
    expect(readFileSync(file.path, 'utf8').split('\n').slice(-3)).toEqual(['{"n":1', '{"n":2}', '']);
    expect(() => lines()).toThrow();
  });

  it('keeps what a full disk does not take, and writes it in its place when there is room', async () => {
    const { file, clock, events, lines } = openFile({ isFull: true });
    const written = await Promise.all(range(0, 10).map((n) => file.append({ n })));
    expect(written).toEqual(written.map(() => false));
    clock.advance(2000);
    expect(await file.append({ n: 10 })).toBe(false);
    rmSync(file.path);
    clock.advance(2000);
    await until(() => events.length > 1);
    expect(await file.append({ n: 11 })).toBe(true);
    expect(lines()).toEqual(range(0, 12));
    expect(events).toEqual(['failing: ENOSPC', 'recovered, 0 lost']);
    await file.close();
  });

  it('keeps 1 MB of it, and counts the oldest lines that are lost', async () => {
    const { file, clock, events, lines } = openFile({ isFull: true });
    const text = 'x'.repeat(1000);
    for (const n of range(0, 2000)) await file.append({ n, text });
    rmSync(file.path);
    clock.advance(2000);
    await until(() => events.length > 1);
    const [first = 0, ...more] = lines();
    expect(events.at(-1)).toBe(`recovered, ${first} lost`);
    expect(more.at(-1)).toBe(1999);
    expect(2000 - first).toBeGreaterThan(1000);
    expect(2000 - first).toBeLessThan(1050);
    await file.close();
  });

  it('tries once more to write what waits when it is closed', async () => {
    const { file, lines } = openFile({ isFull: true });
    await file.append({ n: 0 });
    rmSync(file.path);
    await file.close();
    expect(lines()).toEqual([0]);
  });

  it('writes nothing of what waits when it is discarded', async () => {
    const { file } = openFile({ isFull: true });
    await file.append({ n: 0 });
    rmSync(file.path);
    await file.discard();
    expect(() => readFileSync(file.path)).toThrow('ENOENT');
    expect(await file.append({ n: 1 })).toBe(false);
  });
});
