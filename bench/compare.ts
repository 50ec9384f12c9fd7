/**
 * Compares the figures of a run with figures that were kept, and says which are worse. Pure.
 *
 * A figure is worse where it has moved away from its target by over 15 %, by more than both runs' noise, and by more than a trifle of the
 * target. What depends on the computer is compared only with figures of a computer of the same class; shares, ratios and what
 * runs in fake time are the same everywhere.
 */
import { z } from 'zod';
import type { Figure, Reach } from './bench.ts';

/** The change of a figure, as a share of what it was, from which on it is worse. */
const WORSE_BY = 0.15;
/** A change by less than this share of the target is none, however small the figure was. */
const TRIFLE = 0.05;

/** A kind of computer: figures of time and memory are compared only with those of the same kind. */
const MachineClass = z.strictObject({ cores: z.number().int().min(1), arch: z.string(), node: z.string() });
export type MachineClass = z.infer<typeof MachineClass>;

/** The file of kept figures: medians by name, and noise as a share of the median where a figure was measured several times. */
export const KeptFigures = z.strictObject({
  machine: MachineClass,
  figures: z.record(z.string(), z.strictObject({ median: z.number(), noise: z.number().min(0).optional() })),
});
export type KeptFigures = z.infer<typeof KeptFigures>;

export type Verdict = 'worse' | 'same' | 'better' | 'missing' | 'new' | 'otherMachine';

export interface Comparison {
  name: string;
  verdict: Verdict;
  before: number | undefined;
  now: number | undefined;
  /** The share of its former value by which the figure is worse; negative: better. Undefined where there is nothing to compare. */
  worseBy: number | undefined;
}

/** Benchmarks in fake time, and of sizes. */
const SAME_EVERYWHERE = ['lag', 'loss', 'cost', 'connections', 'pictures', 'widget'];
/** Ratios of what was measured in the same run. */
const RATIOS = ['packet.ratioStock', 'plugin.ratioRemote'];

const keyOf = (name: string): string => name.split('.')[0] ?? name;
const isSameEverywhere = (name: string): boolean => SAME_EVERYWHERE.includes(keyOf(name)) || RATIOS.includes(name);
const isSameClass = (a: MachineClass, b: MachineClass): boolean =>
  a.cores === b.cores && a.arch === b.arch && a.node === b.node;

/**
 * Of the benchmarks that ran, all figures that have a target, in the order of the run; then those that are kept and were not measured.
 *
 * @example
 * const worse = compare(figures, kept, machine).filter(({ verdict }) => verdict === 'worse');
 */
export function compare(measured: readonly Figure[], kept: KeptFigures, machine: MachineClass): Comparison[] {
  const ran = new Set(measured.map(({ name }) => keyOf(name)));
  const names = new Set(measured.map(({ name }) => name));
  const missing = Object.entries(kept.figures).filter(([name]) => ran.has(keyOf(name)) && !names.has(name));
  return [
    ...measured.filter(({ reach }) => reach).map((figure) => comparison(figure, kept, machine)),
    ...missing.map(
      ([name, { median }]): Comparison => ({
        name,
        verdict: 'missing',
        before: median,
        now: undefined,
        worseBy: undefined,
      }),
    ),
  ];
}

function comparison(figure: Figure, kept: KeptFigures, machine: MachineClass): Comparison {
  const { name, median: now, reach = {} } = figure;
  const before = kept.figures[name];
  if (!before) return { name, verdict: 'new', before: undefined, now, worseBy: undefined };
  const result = { name, before: before.median, now };
  if (!isSameEverywhere(name) && !isSameClass(kept.machine, machine))
    return { ...result, verdict: 'otherMachine', worseBy: undefined };
  const worse = worsening(before.median, now, reach);
  const worseBy = before.median === 0 ? Math.sign(worse) : worse / Math.abs(before.median);
  const noise = (Math.abs(before.median) * (before.noise ?? 0) + spreadOf(figure)) / 2;
  const isChange = Math.abs(worseBy) > WORSE_BY && Math.abs(worse) > Math.max(noise, TRIFLE * scaleOf(reach));
  return { ...result, worseBy, verdict: !isChange ? 'same' : worse > 0 ? 'worse' : 'better' };
}

/** The distance by which a figure has moved away from its target; negative: towards it. */
function worsening(before: number, now: number, { atMost, atLeast }: Reach): number {
  if (atMost !== undefined && atLeast !== undefined) {
    const distance = (value: number) => Math.max(value - atMost, atLeast - value, 0);
    return distance(now) - distance(before);
  }
  return atLeast === undefined ? now - before : before - now;
}

const scaleOf = ({ atMost, atLeast }: Reach): number => Math.abs(atMost ?? atLeast ?? 0);

/** Noise is a share of the median, but where that is 0. */
const spreadOf = ({ median, noise = 0 }: Figure): number => noise * (Math.abs(median) || 1);

/**
 * The figures to keep after this run: what was measured, in place of what was kept of the same benchmarks. What was kept of others stays,
 * unless it depends on a computer of another class.
 */
export function renewed(
  measured: readonly Figure[],
  kept: KeptFigures | undefined,
  machine: MachineClass,
): KeptFigures {
  const ran = new Set(measured.map(({ name }) => keyOf(name)));
  const stays = (name: string): boolean =>
    !ran.has(keyOf(name)) && kept !== undefined && (isSameEverywhere(name) || isSameClass(kept.machine, machine));
  const figures = [
    ...Object.entries(kept?.figures ?? {}).filter(([name]) => stays(name)),
    ...measured
      .filter(({ reach }) => reach)
      .map(
        ({ name, median, noise }) =>
          [name, { median: rounded(median), ...(noise !== undefined && { noise: rounded(noise) }) }] as const,
      ),
  ];
  return { machine, figures: Object.fromEntries(figures.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

const rounded = (value: number): number => Number(value.toPrecision(4));

const WORDS: Readonly<Record<Verdict, string>> = {
  worse: 'WORSE',
  same: '',
  better: 'better',
  missing: 'not measured any more',
  new: 'not kept so far',
  otherMachine: 'kept of another kind of computer: not compared',
};

export function comparisonTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map(({ name, before, now, worseBy, verdict }) => [
    name,
    before === undefined ? '' : String(rounded(before)),
    now === undefined ? '' : String(rounded(now)),
    worseBy === undefined || before === 0
      ? ''
      : `${worseBy > 0 ? 'worse' : 'better'} by ${Math.abs(Math.round(worseBy * 100))} %`,
    WORDS[verdict],
  ]);
  const all = [['', 'kept', 'now', '', ''], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, i) => (i === 1 || i === 2 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
