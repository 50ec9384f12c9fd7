import { expect, it } from 'vitest';
import { type Figure, nested } from '../../../bench/bench.ts';

const figure = (name: string, median: number): Figure => ({
  name,
  median,
  noise: undefined,
  repetitions: 1,
  reach: undefined,
  reached: true,
});

it('figures are a tree, in which one that has others below it keeps its value, whichever comes first', () => {
  const tree = { capacity: { cpuPerPair: { value: 2, even: 1 } }, lag: { p95: 3 } };
  const [pair, even, lag] = [
    figure('capacity.cpuPerPair', 2),
    figure('capacity.cpuPerPair.even', 1),
    figure('lag.p95', 3),
  ];
  expect(nested([pair, even, lag])).toEqual(tree);
  expect(nested([even, pair, lag])).toEqual(tree);
});
