import {
  readScript,
  ScriptError,
  type ScriptInput,
  Simulator,
  serveSimulator,
} from '@mediasoup-booth/offline-engine/simulator';
import { systemClock } from '../../time/clock.ts';
import { boothCommand, portNumber, text, wholeNumber } from '../arguments.ts';
import { engineKey } from '../engine-key.ts';
import { CommandError } from '../errors.ts';
import { isFileError, readInput } from '../files.ts';
import { openLog } from '../log.ts';
import { readSettings } from '../settings.ts';
import { waitForStopSignal } from '../stop-signal.ts';

const HOST = '127.0.0.1';

interface SimulateOptions {
  port?: number;
  script?: string;
  seed?: number;
}

export const simulate = boothCommand('simulate')
  .description(
    'Simulates the cloud translation service, faults included, until it is stopped, and prints its URL. It translates nothing.',
  )
  .option('--port <PORT>', 'On 127.0.0.1 (default: any free one)', portNumber)
  .option('--script <FILE>', 'What it hears, answers and fails at (docs/simulator.md)', text)
  .option('--seed <N>', 'The same seed, the same chances (default: 1)', wholeNumber(999_999_999))
  .action(async ({ port = 0, script: path, seed = 1 }: SimulateOptions) => {
    const given = path === undefined ? {} : await readScriptFile(path);
    const settings = readSettings();
    const log = openLog(settings);
    const scripted = given.account?.keys ?? [];
    const { key, printIfNew } = engineKey(settings.config, 'DASHSCOPE_API_KEY');
    const keys = scripted.length > 0 ? scripted : [key];
    const script = { ...given, account: { ...given.account, keys } };
    const stopped = waitForStopSignal();
    const simulator = new Simulator({ clock: systemClock, script, seed, log });
    const listening = await serveSimulator({ host: HOST, port, simulator, clock: systemClock, log }).catch(
      (error: unknown) => {
        throw explained(error, port);
      },
    );
    if (scripted.length === 0) printIfNew();
    console.log(listening.url);
    await stopped;
    await listening.close();
  });

async function readScriptFile(path: string): Promise<ScriptInput> {
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
