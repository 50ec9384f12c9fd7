/** The benchmark as a whole: what is to be reached is measured, and what is lost would show. */
import { expect, it } from 'vitest';
import { benches } from '../../../bench/all.ts';
import { finalsEach } from '../../../bench/loss.ts';
import { targets } from '../../../bench/targets.ts';
import type { OutgoingCaption } from '../../../bot/captions/caption-channel.ts';

it('measures every key under which something is to be reached, once', () => {
  const keys = benches.map(({ key }) => key);
  expect(keys.toSorted()).toEqual([...new Set(Object.keys(targets).map((name) => name.split('.')[0]))].sort());
});

it('tells of the utterance that has too many finals, or none', () => {
  const finals = (...counts: number[]) =>
    finalsEach(
      counts.flatMap((count, i) =>
        Array.from({ length: 3 }, (_, n) => ({ utterance: `u${i}`, final: n < count }) as OutgoingCaption),
      ),
    );
  expect(finals(1, 1, 1)).toBe(1);
  expect(finals(1, 0, 1)).toBe(0);
  expect(finals(1, 1, 3)).toBe(3);
});
