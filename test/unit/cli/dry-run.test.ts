/** What `--dry-run` prints of the frames. */
import { expect, it } from 'vitest';
import { FramePrinter } from '../../../cli/dry-run.ts';

const frame = (type: string, n: number): string => JSON.stringify({ type, n });

it('few frames are printed as they are', () => {
  const lines: string[] = [];
  const frames = new FramePrinter((line) => lines.push(line));
  const all = ['session.update', ...Array<string>(30).fill('append'), 'session.finish'].map(frame);
  for (const line of all) frames.print(line);
  expect(lines).toEqual(all);
  expect(frames.summary).toBeUndefined();
});

it('of three hours a few dozen are, with the first of each kind, and the rest is counted', () => {
  const lines: string[] = [];
  const frames = new FramePrinter((line) => lines.push(line));
  frames.print(frame('session.update', 0));
  for (let n = 0; n < 108_000; n++) {
    frames.print(frame('append', n));
    if (n % 10_000 === 9999) frames.print(frame('image', n));
  }
  frames.print(frame('session.finish', 0));
  expect(lines).toHaveLength(40 + 3 + 1);
  expect(lines.at(-1)).toBe(frame('session.finish', 0));
  expect(lines.filter((line) => line.includes('image'))).toEqual([9999, 19_999, 29_999].map((n) => frame('image', n)));
  expect(frames.summary).toBe('and 107961 more of append, 7 more of image');
});
