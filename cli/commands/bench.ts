import { writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { benches } from '../../bench/all.ts';
import { type Figure, measure, nested, table } from '../../bench/bench.ts';
import { watchStolen } from '../../bench/stolen.ts';
import { targets } from '../../bench/targets.ts';
import { command } from '../command.ts';
import { UsageError } from '../errors.ts';

export const bench = command({
  name: 'bench',
  description: 'Measures Booth on this computer, without a key: figures, their noise, and what is to be reached.',
  args: {
    only: {
      type: 'string',
      valueHint: benches.map(({ key }) => key).join(','),
      description: 'Some of the measurements (default: all)',
    },
    json: { type: 'string', valueHint: 'FILE', description: 'Writes the figures there, as one object' },
  },
  async run({ args }) {
    const chosen = chosenFrom(args.only);
    const stolen = watchStolen();
    const figures: Figure[] = [];
    for (const one of chosen) {
      console.error(`${one.key}: ${one.about} …`);
      const measured = await measure(one, targets);
      console.log(table(measured));
      figures.push(...measured);
    }
    const machine = { cores: availableParallelism(), load: loadavg()[0], stolen: stolen(), node: process.version };
    console.error(`machine: ${JSON.stringify(machine)}`);
    const repeated = figures.flatMap(({ name, noise: share }) => (share === undefined ? [] : [[name, share] as const]));
    const noise = Object.fromEntries(repeated.map(([name, share]) => [name, Number(share.toPrecision(3))]));
    if (args.json) await writeFile(args.json, `${JSON.stringify({ ...nested(figures), noise, machine }, null, 2)}\n`);
    const missed = figures.filter(({ reached }) => reached === false).map(({ name }) => name);
    if (missed.length > 0) console.error(`missed: ${missed.join(', ')}`);
  },
});

function chosenFrom(only: string | undefined): typeof benches {
  if (only === undefined) return benches;
  const keys = only.split(',').map((key) => key.trim());
  const unknown = keys.filter((key) => !benches.some((one) => one.key === key));
  if (unknown.length > 0) {
    throw new UsageError(
      `--only: no measurement "${unknown.join('", "')}". There are: ${benches.map(({ key }) => key).join(', ')}`,
    );
  }
  return benches.filter(({ key }) => keys.includes(key));
}
