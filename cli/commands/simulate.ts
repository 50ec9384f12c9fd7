import { readScript, ScriptError, type ScriptInput } from '../../engine/scripted/script.ts';
import { Simulator, serveSimulator } from '../../engine/scripted/simulator.ts';
import { systemClock } from '../../time/clock.ts';
import { portNumber } from '../arguments.ts';
import { command } from '../command.ts';
import { CommandError, UsageError } from '../errors.ts';
import { isFileError, readInput } from '../files.ts';
import { openLog } from '../log.ts';
import { readSettings } from '../settings.ts';
import { untilStopped } from '../until-stopped.ts';

const HOST = '127.0.0.1';

export const simulate = command({
  name: 'simulate',
  description:
    'Simulates the cloud translation service, faults included, until it is stopped, and prints its URL. It translates nothing.',
  args: {
    port: { type: 'string', valueHint: 'PORT', description: 'On 127.0.0.1 (default: any free one)' },
    script: {
      type: 'string',
      valueHint: 'FILE',
      description: 'What it hears, answers and fails at (docs/simulator.md)',
    },
    seed: { type: 'string', valueHint: 'N', description: 'The same seed, the same chances (default: 1)' },
  },
  async run({ args }) {
    const port = args.port === undefined ? 0 : portNumber('--port', args.port);
    const seed = args.seed === undefined ? 1 : seedNumber(args.seed);
    const script = args.script === undefined ? {} : await scriptIn(args.script);
    const log = openLog(readSettings());
    const stopped = untilStopped();
    const simulator = new Simulator({ clock: systemClock, script, seed, log });
    const listening = await serveSimulator({ host: HOST, port, simulator, clock: systemClock, log }).catch(
      (error: unknown) => {
        throw explained(error, port);
      },
    );
    console.log(listening.url);
    await stopped;
    await listening.close();
  },
});

function seedNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--seed needs a whole number, not "${text}"`);
  return Number(text);
}

async function scriptIn(path: string): Promise<ScriptInput> {
  const bytes = await readInput(path);
  try {
    return readScript(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof ScriptError) throw new CommandError(`${path}: the script is wrong:\n${error.message}`);
    throw error;
  }
}

function explained(error: unknown, port: number): unknown {
  if (!isFileError(error) || error.code !== 'EADDRINUSE') return error;
  return new CommandError(`port ${port} is in use: choose another with --port`);
}
