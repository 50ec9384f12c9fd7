/** What Booth needs of this computer, looked at one by one: whether it is there, and how to get it. It changes nothing. */
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { constants } from 'node:fs';
import { access, mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromiumRoot, engineParts, pageDir, workerBinary } from '../scripts/places.mjs';
import type { EngineChoice } from './engine-choice.ts';
import type { Environment, Settings } from './settings.ts';

export interface Finding {
  what: string;
  /** `optional`: it is missing, and Booth runs without it. */
  state: 'fine' | 'missing' | 'optional';
  /** What was found, or what is wrong. */
  detail: string;
  remedy?: string;
}

const SET_UP = 'npm run setup';
const RUN_WITHIN_MS = 20_000;
/** How a mediasoup worker that works ends when nobody has told it its version. */
const WORKER_EXIT_CODE = 41;
const OLDEST_NODE = [22, 18] as const;

export function checkUp(settings: Settings, choice: EngineChoice): Promise<Finding[]> {
  const { config, environment } = settings;
  const engineState = choice.url === undefined ? 'missing' : 'optional';
  const parts = engineParts(environment);
  const model = config.engine.voskModel || parts.voskModel;
  return Promise.all([
    node(),
    dataFolder(settings),
    worker(),
    page(),
    file('speech recogniser', parts.voskLibrary, engineState),
    file(
      'its model',
      join(model, 'am'),
      engineState,
      config.engine.voskModel ? 'Check BOOTH_ENGINE_VOSK_MODEL.' : SET_UP,
    ),
    apertium(parts.apertium, engineState),
    espeak(parts.espeak, engineState),
    port('pages and signalling', 'BOOTH_PORT', config.host, config.port),
    port('media, TCP', 'BOOTH_RTC_PORT', config.host, config.rtc.port),
    udpPort('media, UDP', 'BOOTH_RTC_PORT', config.host, config.rtc.port),
    port('offline engine', 'BOOTH_ENGINE_PORT', '127.0.0.1', choice.url === undefined ? config.engine.port : 0),
    chromium(environment),
  ]);
}

async function node(): Promise<Finding> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const recent = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  const found = { what: 'Node', detail: `${process.versions.node}, ${process.execPath}` };
  return recent
    ? { ...found, state: 'fine' }
    : {
        ...found,
        state: 'missing',
        remedy: `Booth needs Node ${OLDEST_NODE.join('.')} or newer: npm install brings one.`,
      };
}

async function dataFolder({ dataDir }: Settings): Promise<Finding> {
  const found = { what: 'data folder', detail: dataDir };
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.W_OK);
    return { ...found, state: 'fine' };
  } catch {
    return { ...found, state: 'missing', detail: `${dataDir} cannot be written`, remedy: 'Set BOOTH_DATA_DIR.' };
  }
}

async function worker(): Promise<Finding> {
  const { exitCode, output } = await run(workerBinary, [], {});
  const what = 'mediasoup worker';
  return exitCode === WORKER_EXIT_CODE
    ? { what, state: 'fine', detail: 'runs' }
    : { what, state: 'missing', detail: `does not run: ${output || `exit code ${exitCode}`}`, remedy: SET_UP };
}

const page = (): Promise<Finding> => file('meeting page', join(pageDir, 'index.html'), 'missing');

async function file(what: string, path: string, without: 'missing' | 'optional', remedy = SET_UP): Promise<Finding> {
  try {
    await access(path, constants.R_OK);
    return { what, state: 'fine', detail: path };
  } catch {
    return { what, state: without, detail: `${path} is not there`, remedy };
  }
}

async function apertium(
  { mode, env }: { mode: string; env: Environment },
  without: 'missing' | 'optional',
): Promise<Finding> {
  const what = 'translator (Apertium)';
  const pipeline = await readFile(mode, 'utf8').catch(() => undefined);
  if (pipeline === undefined) return { what, state: without, detail: `${mode} is not there`, remedy: SET_UP };
  return program(what, 'lt-proc', ['--version'], env, without);
}

const espeak = (
  { command, env }: { command: string; env: Environment },
  without: 'missing' | 'optional',
): Promise<Finding> => program('voice (espeak-ng)', command, ['--version'], env, without);

async function program(
  what: string,
  command: string,
  args: readonly string[],
  env: Environment,
  without: 'missing' | 'optional',
): Promise<Finding> {
  const { exitCode, output } = await run(command, args, env);
  return exitCode === 0
    ? { what, state: 'fine', detail: output }
    : { what, state: without, detail: `${command} does not run: ${output || `exit code ${exitCode}`}`, remedy: SET_UP };
}

async function port(what: string, setting: string, host: string, number: number): Promise<Finding> {
  const server = createServer();
  return free(what, setting, number, (done, failed) => {
    server.once('error', failed);
    server.listen(number, host, () => server.close(done));
  });
}

async function udpPort(what: string, setting: string, host: string, number: number): Promise<Finding> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  return free(what, setting, number, (done, failed) => {
    socket.once('error', failed);
    socket.bind(number, host, () => socket.close(done));
  });
}

async function free(
  what: string,
  setting: string,
  number: number,
  attempt: (done: () => void, failed: (error: Error) => void) => void,
): Promise<Finding> {
  const found = { what: `port for ${what}`, detail: number === 0 ? 'any free one' : String(number) };
  try {
    await new Promise<void>((resolve, reject) => attempt(resolve, reject));
    return { ...found, state: 'fine' };
  } catch (error) {
    const used = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    const detail = `${number} ${used ? 'is in use (by a Booth that runs?)' : (error as Error).message}`;
    return { ...found, state: 'missing', detail, remedy: `Stop what uses it, or set ${setting}.` };
  }
}

const systemChromiums = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

async function chromium(environment: Environment): Promise<Finding> {
  const what = 'Chromium, for the tests';
  const folders = (environment.PATH ?? '').split(':').filter(Boolean);
  const places = [
    environment.CHROME_PATH,
    ...systemChromiums.flatMap((name) => folders.map((folder) => join(folder, name))),
    join(chromiumRoot(environment), 'usr/bin/chromium'),
  ];
  for (const place of places) {
    if (
      place &&
      (await access(place, constants.X_OK).then(
        () => true,
        () => false,
      ))
    ) {
      return { what, state: 'fine', detail: place };
    }
  }
  return { what, state: 'optional', detail: 'none found', remedy: 'npm test brings one, or set CHROME_PATH.' };
}

interface Ran {
  exitCode: number | string;
  /** The first line of what it said. */
  output: string;
}

async function run(command: string, args: readonly string[], env: Environment): Promise<Ran> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, { env: { ...env }, timeout: RUN_WITHIN_MS });
    return { exitCode: 0, output: firstLine(stdout || stderr) };
  } catch (error) {
    const { code, stderr, message } = error as { code?: number | string | null; stderr?: string; message: string };
    return { exitCode: code ?? 'none', output: firstLine(stderr || message) };
  }
}

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';
