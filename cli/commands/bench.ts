import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { benches } from '../../bench/all.ts';
import { type Figure, measure, nested, table } from '../../bench/bench.ts';
import {
  type Comparison,
  compare,
  comparisonTable,
  KeptFigures,
  type MachineClass,
  renewed,
} from '../../bench/compare.ts';
import { measureStealTime } from '../../bench/steal-time.ts';
import { targets } from '../../bench/targets.ts';
import { boothCommand, listOf, text } from '../arguments.ts';
import { CommandError } from '../errors.ts';

const keys = benches.map(({ key }) => key);
const byName = benches.filter(({ onlyByName }) => onlyByName).map(({ key }) => key);

export const bench = boothCommand('bench')
  .description('Measures Booth on this computer, without a key: figures, their noise, and what is to be reached.')
  .option(
    '--only <KEYS>',
    `Some of the measurements: ${keys.join(', ')} (default: all but ${byName.join(', ')})`,
    listOf(z.enum(keys)),
  )
  .option('--json <FILE>', 'Writes the figures there, as one object', text)
  .option(
    '--profile <DIR>',
    'Writes CPU profiles of what is measured there, where a measurement can, and prints the shares',
    text,
  )
  .option(
    '--compare <FILE>',
    'Compares the figures with those of FILE, prints a table, and fails where one is over 15 % worse, beyond noise',
    text,
  )
  .option('--save <FILE>', 'Keeps the figures in FILE, in place of those that it has of the same measurements', text)
  .action(async ({ only, json, profile, compare: compared, save }: BenchArguments) => {
    // A file that cannot be read is told before anything is measured.
    const kept = compared === undefined ? undefined : await readKept(compared);
    if (profile !== undefined) await mkdir(profile, { recursive: true });
    const chosen = benches.filter(({ key, onlyByName }) => only?.includes(key) ?? !onlyByName);
    const stealShare = measureStealTime();
    const figures: Figure[] = [];
    for (const one of chosen) {
      const missing = one.missing?.();
      if (missing !== undefined) {
        console.error(`${one.key}: left out, as ${missing} are not installed here; it runs in a clone.`);
        continue;
      }
      console.error(`${one.key}: ${one.about} …`);
      const measured = await measure(one, targets, { profile: profile && resolve(profile), print: console.error });
      console.log(table(measured));
      figures.push(...measured);
    }
    const machine = { cores: availableParallelism(), load: loadavg()[0], steal: stealShare(), node: process.version };
    console.error(`machine: ${JSON.stringify(machine)}`);
    const repeated = figures.flatMap(({ name, noise: share }) => (share === undefined ? [] : [[name, share] as const]));
    const noise = Object.fromEntries(repeated.map(([name, share]) => [name, Number(share.toPrecision(3))]));
    if (json) await writeFile(json, `${JSON.stringify({ ...nested(figures), noise, machine }, null, 2)}\n`);
    const missed = figures.filter(({ reached }) => reached === false).map(({ name }) => name);
    if (missed.length > 0) console.error(`missed: ${missed.join(', ')}`);
    if (save !== undefined) await saveFigures(save, figures);
    if (kept) requireNoneWorse(compare(figures, kept, machineClass), compared ?? '');
  });

interface BenchArguments {
  only?: readonly string[];
  json?: string;
  profile?: string;
  compare?: string;
  save?: string;
}

const machineClass: MachineClass = {
  cores: availableParallelism(),
  arch: process.arch,
  node: process.version.split('.')[0] ?? '',
};

/** @throws {CommandError} where the file is not there, or is of another kind */
async function readKept(file: string): Promise<KeptFigures> {
  try {
    return KeptFigures.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new CommandError(
      `${file} has no figures to compare with: ${why}. "booth bench --save ${file}" makes such a file.`,
    );
  }
}

async function saveFigures(file: string, figures: readonly Figure[]): Promise<void> {
  const kept = existsSync(file) ? await readKept(file) : undefined;
  await writeFile(file, `${JSON.stringify(renewed(figures, kept, machineClass), null, 2)}\n`);
}

/** @throws {CommandError} */
function requireNoneWorse(comparisons: readonly Comparison[], file: string): void {
  console.log(`\ncompared with ${file}:\n${comparisonTable(comparisons)}`);
  const worse = comparisons.filter(({ verdict }) => verdict === 'worse').map(({ name }) => name);
  if (worse.length > 0) {
    throw new CommandError(
      `over 15 % worse than in ${file}, beyond noise: ${worse.join(', ')}. If that is meant: booth bench --only ${[...new Set(worse.map((name) => name.split('.')[0]))].join(',')} --save ${file}`,
    );
  }
}
