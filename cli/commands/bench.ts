import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { benches } from '../../bench/all.ts';
import { type Figure, measure, nested, table } from '../../bench/bench.ts';
import { measureStealTime } from '../../bench/steal-time.ts';
import { targets } from '../../bench/targets.ts';
import { boothCommand, listOf, text } from '../arguments.ts';

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
  .action(async ({ only, json, profile }: { only?: readonly string[]; json?: string; profile?: string }) => {
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
  });
