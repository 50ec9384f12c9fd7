/**
 * Runs each benchmark several times and reports the median of each figure with its noise, next to its target. Each benchmark excludes its
 * own warm-up.
 */

export interface Bench {
  /** The first part of the names of this benchmark's figures. */
  key: string;
  about: string;
  repetitions: number;
  /** It takes so long that it runs only where it is asked for by name. Default: false. */
  onlyByName?: boolean;
  /** Names the part that the benchmark needs and this installation lacks; undefined where there is none. Default: it needs no part. */
  missing?(): string | undefined;
  /** @returns figures by name, such as `total.p95`; times in milliseconds, shares from 0 to 1 */
  run(repetition: number, options?: BenchOptions): Promise<Readonly<Record<string, number>>>;
}

export interface BenchOptions {
  /** The folder into which a benchmark writes CPU profiles, where it can. Default: it writes none. */
  profile?: string | undefined;
  /** Prints what is no figure. */
  print(text: string): void;
}

export interface Reach {
  atMost?: number;
  atLeast?: number;
}

export interface Figure {
  /** For example `lag.p95`. */
  name: string;
  median: number;
  /** The range of the repetitions as a share of the median; undefined if there was only one. */
  noise: number | undefined;
  repetitions: number;
  reach: Reach | undefined;
  reached: boolean | undefined;
}

export async function measure(
  bench: Bench,
  targets: Readonly<Record<string, Reach>>,
  options?: BenchOptions,
): Promise<Figure[]> {
  const runs: Readonly<Record<string, number>>[] = [];
  for (let i = 0; i < bench.repetitions; i++) runs.push(await bench.run(i, options));
  const names = [...new Set(runs.flatMap((run) => Object.keys(run)))];
  return names.map((name) => {
    const values = runs.flatMap((run) => run[name] ?? []);
    return figure(`${bench.key}.${name}`, values, targets[`${bench.key}.${name}`]);
  });
}

function figure(name: string, values: readonly number[], reach: Reach | undefined): Figure {
  const median = percentile(values, 0.5);
  const spread = Math.max(...values) - Math.min(...values);
  const reached =
    reach &&
    median <= (reach.atMost ?? Number.POSITIVE_INFINITY) &&
    median >= (reach.atLeast ?? Number.NEGATIVE_INFINITY);
  return {
    name,
    median,
    noise: values.length < 2 ? undefined : median === 0 ? spread : spread / Math.abs(median),
    repetitions: values.length,
    reach,
    reached,
  };
}

/** The value that a share of `values` (`quantile`, from 0 to 1) does not exceed; 0 if there are no values. */
export function percentile(values: readonly number[], quantile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? 0;
}

/** Figures as a tree: `{ lag: { p95: 3100 } }`. One that has others below it stands among them as `value`. */
export function nested(figures: readonly Figure[]): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const { name, median } of figures) {
    const path = name.split('.');
    let branch = tree;
    for (const part of path.slice(0, -1)) {
      const below = branch[part] ?? {};
      branch[part] = typeof below === 'object' ? below : { value: below };
      branch = branch[part] as Record<string, unknown>;
    }
    const last = path.at(-1) ?? name;
    const below = branch[last];
    branch[last] = below === undefined ? round(median) : { value: round(median), ...below };
  }
  return tree;
}

export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, median, noise, reach, reached }) => [
    name,
    String(round(median)),
    noise === undefined ? '' : `± ${Math.round((noise * 100) / 2)} %`,
    reach ? `${inWords(reach)}${reached ? '' : '  MISSED'}` : '',
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const inWords = ({ atMost, atLeast }: Reach): string =>
  [atMost === undefined ? '' : `≤ ${atMost}`, atLeast === undefined ? '' : `≥ ${atLeast}`].filter(Boolean).join(', ');

const round = (value: number): number => Number(value.toPrecision(4));
