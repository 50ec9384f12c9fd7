/** What Booth needs of this computer, one by one: whether it is there, and how to get it. */
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findFfmpeg } from '../bot/vision/key-frame/ffmpeg.ts';
import { engineParts, pageDir, workerBinary } from '../scripts/places.mjs';
import { findChromium } from '../scripts/setup/chromium.mjs';
import { isRecent } from '../scripts/setup/node.mjs';
import type { EngineChoice } from './engine-choice.ts';
import { exists, run, tcpPortProblem, udpPortProblem } from './probes.ts';
import type { Environment, Settings } from './settings.ts';

export interface Finding {
  what: string;
  /** `optional`: it is not there, and what was chosen does without. */
  state: 'fine' | 'missing' | 'taken' | 'optional';
  /** What was found, or what is wrong. */
  detail: string;
  remedy?: string;
}

type Absence = Exclude<Finding['state'], 'fine'>;

const SET_UP = 'npm run setup';
/** How a mediasoup worker that works ends when nobody has told it its version. */
const WORKER_EXIT_CODE = 41;

export function checkUp({ config, environment, dataDir }: Settings, choice: EngineChoice): Promise<Finding[]> {
  const embedded = choice.url === undefined;
  return Promise.all([
    node(),
    dataFolder(dataDir),
    worker(),
    file('meeting page', join(pageDir, 'index.html'), 'missing'),
    ...offlineEngine(environment, config.engine.voskModel, embedded ? 'missing' : 'optional'),
    port('pages and signalling', config.port, 'BOOTH_PORT', tcpPortProblem(config.host, config.port)),
    port('media, TCP', config.rtc.port, 'BOOTH_RTC_PORT', tcpPortProblem(config.host, config.rtc.port)),
    port('media, UDP', config.rtc.port, 'BOOTH_RTC_PORT', udpPortProblem(config.host, config.rtc.port)),
    ...(embedded ? [enginePort(config.engine.port)] : []),
    chromium(environment),
    ffmpeg(environment),
  ]);
}

async function node(): Promise<Finding> {
  const found = { what: 'Node', detail: `${process.versions.node}, ${process.execPath}` };
  return isRecent(process.versions.node)
    ? { ...found, state: 'fine' }
    : { ...found, state: 'missing', remedy: 'npm install brings one that is recent enough.' };
}

async function dataFolder(path: string): Promise<Finding> {
  const what = 'data folder';
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.W_OK);
    return { what, state: 'fine', detail: path };
  } catch {
    return { what, state: 'missing', detail: `${path} cannot be written`, remedy: 'Set BOOTH_DATA_DIR.' };
  }
}

async function worker(): Promise<Finding> {
  const what = 'media worker';
  const { exitCode, said } = await run(workerBinary, [], {});
  return exitCode === WORKER_EXIT_CODE
    ? { what, state: 'fine', detail: workerBinary }
    : { what, state: 'missing', detail: `does not run (${exitCode}): ${said}`, remedy: SET_UP };
}

function offlineEngine(environment: Environment, otherModel: string, without: Absence): Promise<Finding>[] {
  const { voskLibrary, voskModel, apertium, espeak } = engineParts(environment);
  return [
    file('speech recogniser', voskLibrary, without),
    otherModel
      ? file('its model', join(otherModel, 'am'), without, 'Check BOOTH_ENGINE_VOSK_MODEL.')
      : file('its model', join(voskModel, 'am'), without),
    file('translator', apertium.mode, without),
    program('its programs', 'lt-proc', apertium.env, without),
    program('voice', espeak.command, espeak.env, without),
  ];
}

async function file(what: string, path: string, without: Absence, remedy = SET_UP): Promise<Finding> {
  return (await exists(path))
    ? { what, state: 'fine', detail: path }
    : { what, state: without, detail: `${path} is not there`, remedy };
}

async function program(what: string, command: string, environment: Environment, without: Absence): Promise<Finding> {
  const { exitCode, said } = await run(command, ['--version'], environment);
  return exitCode === 0
    ? { what, state: 'fine', detail: said }
    : { what, state: without, detail: `does not run (${exitCode}): ${said}`, remedy: SET_UP };
}

const enginePort = (number: number): Promise<Finding> =>
  port('offline engine', number, 'BOOTH_ENGINE_PORT', tcpPortProblem('127.0.0.1', number));

async function port(
  use: string,
  number: number,
  setting: string,
  asked: Promise<NodeJS.ErrnoException | undefined>,
): Promise<Finding> {
  const what = `port: ${use}`;
  const problem = await asked;
  if (!problem) return { what, state: 'fine', detail: number === 0 ? 'any free one' : String(number) };
  const remedy = `Stop what uses it, or set ${setting}.`;
  return problem.code === 'EADDRINUSE'
    ? { what, state: 'taken', detail: `${number}: a Booth runs already, or another program has it`, remedy }
    : { what, state: 'missing', detail: `${number} ${problem.message}`, remedy };
}

async function ffmpeg({ PATH }: Environment): Promise<Finding> {
  const what = 'FFmpeg, for pictures';
  const path = await findFfmpeg(PATH);
  return path === undefined
    ? {
        what,
        state: 'optional',
        detail: 'none found: H264 and VP9 are not looked at, VP8 and AV1 are',
        remedy: 'apt install ffmpeg',
      }
    : { what, state: 'fine', detail: path };
}

async function chromium(environment: Environment): Promise<Finding> {
  const what = 'Chromium, for the tests';
  const path = findChromium(environment);
  return path !== undefined && (await exists(path))
    ? { what, state: 'fine', detail: path }
    : { what, state: 'optional', detail: 'none found', remedy: 'npm test brings one, or set CHROME_PATH.' };
}
