import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Figure } from '../../../bench/bench.ts';
import { compare, comparisonTable, KeptFigures, renewed } from '../../../bench/compare.ts';
import { targets } from '../../../bench/targets.ts';

const machine = { cores: 2, arch: 'x64', node: 'v22' };
const other = { ...machine, cores: 16 };

const figure = (name: string, median: number, noise?: number): Figure => ({
  name,
  median,
  noise,
  repetitions: noise === undefined ? 1 : 3,
  reach: targets[name],
  reached: undefined,
});
const kept = (figures: KeptFigures['figures'], of = machine): KeptFigures => ({ machine: of, figures });

const verdictOf = (name: string, before: number, now: number, noise: { before?: number; now?: number } = {}) => {
  const one = kept({ [name]: { median: before, ...(noise.before !== undefined && { noise: noise.before }) } });
  return compare([figure(name, now, noise.now)], one, machine)[0]?.verdict;
};

describe('a figure compared with the one that was kept', () => {
  it.each([
    ['what should be small grew by 20 %', 'capacity.cpuPerPair', 0.01, 0.012, 'worse'],
    ['it grew by 10 %', 'capacity.cpuPerPair', 0.01, 0.011, 'same'],
    ['it fell by 20 %', 'capacity.cpuPerPair', 0.01, 0.008, 'better'],
    ['what should be large fell by 20 %', 'capacity.speakers', 100, 80, 'worse'],
    ['it fell by 10 %', 'capacity.speakers', 100, 90, 'same'],
    ['it grew by 20 %', 'capacity.speakers', 100, 120, 'better'],
    ['what should be exact is no longer', 'loss.finals', 1, 2, 'worse'],
    ['what should be nothing is something', 'captions.erased', 0, 1, 'worse'],
    ['it is nothing again', 'captions.erased', 3, 0, 'better'],
    ['it is nothing as before', 'captions.erased', 0, 0, 'same'],
    ['a trifle of what may be doubled', 'growth.cpuPerSilent', 0.000_004, 0.000_008, 'same'],
    ['what was negative grew', 'growth.rss', -4, 4, 'worse'],
  ] as const)('%s', (_, name, before, now, verdict) => {
    expect(verdictOf(name, before, now)).toBe(verdict);
  });

  it('is worse only by more than the noise of both runs', () => {
    expect(verdictOf('lag.p95', 2000, 2500, { before: 0.1, now: 0.1 })).toBe('worse');
    expect(verdictOf('lag.p95', 2000, 2500, { before: 0.3, now: 0.3 })).toBe('same');
    expect(verdictOf('lag.p95', 2000, 2500, { now: 0.5 })).toBe('same');
  });

  it('says by how much', () => {
    const [one] = compare([figure('lag.p95', 2500)], kept({ 'lag.p95': { median: 2000 } }), machine);
    expect(one).toEqual({ name: 'lag.p95', verdict: 'worse', before: 2000, now: 2500, worseBy: 0.25 });
  });
});

describe('figures of another kind of computer', () => {
  it('are compared only where they are the same everywhere', () => {
    const before = { 'packet.us': { median: 10 }, 'packet.ratioStock': { median: 0.5 }, 'lag.p95': { median: 2000 } };
    const now = [figure('packet.us', 40), figure('packet.ratioStock', 0.9), figure('lag.p95', 2000)];
    const verdicts = compare(now, kept(before, other), machine).map(({ verdict }) => verdict);
    expect(verdicts).toEqual(['otherMachine', 'worse', 'same']);
  });
});

describe('figures of one run alone', () => {
  it('are told: those that are new, and those of a benchmark that ran and measured them no more', () => {
    const before = kept({ 'lag.p95': { median: 1 }, 'lag.skipped': { median: 0 }, 'delay.in.p95': { median: 9 } });
    const comparisons = compare([figure('lag.p95', 1), figure('lag.underruns', 0)], before, machine);
    expect(comparisons.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['lag.p95', 'same'],
      ['lag.underruns', 'new'],
      ['lag.skipped', 'missing'],
    ]);
    const table = comparisonTable(comparisons);
    expect(table).toMatch(/lag\.skipped +0 .*not measured any more/);
    expect(table).toMatch(/lag\.underruns .*not kept so far/);
  });

  it('are left out where there is no target to move away from', () => {
    expect(compare([figure('lag.span.p50', 1)], kept({}), machine)).toEqual([]);
  });
});

describe('keeping figures', () => {
  const before = kept({ 'lag.p95': { median: 1 }, 'lag.gone': { median: 2 }, 'packet.us': { median: 3 } });

  it('replaces those of the benchmarks that ran, and leaves the others', () => {
    expect(renewed([figure('lag.p95', 2000.123, 0.1)], before, machine).figures).toEqual({
      'lag.p95': { median: 2000, noise: 0.1 },
      'packet.us': { median: 3 },
    });
  });

  it('drops what another kind of computer needed', () => {
    const figures = renewed([figure('cost.ratio', 1.1)], before, other);
    expect(figures.machine).toEqual(other);
    expect(Object.keys(figures.figures)).toEqual(['cost.ratio', 'lag.gone', 'lag.p95']);
  });

  it('makes a file that can be compared with, in which nothing is worse', () => {
    const measured = [figure('lag.p95', 2000.4, 0), figure('packet.us', 37.456, 0.2), figure('captions.erased', 0)];
    const file = KeptFigures.parse(JSON.parse(JSON.stringify(renewed(measured, undefined, machine))));
    expect(compare(measured, file, machine).map(({ verdict }) => verdict)).toEqual(['same', 'same', 'same']);
  });
});

describe('the figures in the tree', () => {
  it('are of every target, and can be compared with', () => {
    const file = KeptFigures.parse(JSON.parse(readFileSync('bench/figures.json', 'utf8')));
    expect(Object.keys(file.figures).toSorted()).toEqual(Object.keys(targets).toSorted());
    const asKept = Object.entries(file.figures).map(([name, { median }]) => figure(name, median));
    expect(new Set(compare(asKept, file, file.machine).map(({ verdict }) => verdict))).toEqual(new Set(['same']));
  });
});
