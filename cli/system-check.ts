/** Checks what Booth needs of this computer: what is there, what is missing, and how to get it. No check rejects. */
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { findFfmpeg } from '@mediasoup-booth/interpreter/remote';
import type { Config } from '../config/schema.ts';
import { engineParts, pageDir, workerBinary, workerManifest } from '../scripts/places.mjs';
import { findChromium } from '../scripts/setup/chromium.mjs';
import { findFfmpegPrograms } from '../scripts/setup/ffmpeg.mjs';
import { isRecent } from '../scripts/setup/node.mjs';
import { readManifest, type WorkerManifest } from '../scripts/setup/worker.mjs';
import type { EngineChoice } from './engine-choice.ts';
import { CommandError } from './errors.ts';
import type { Environment, Settings } from './settings.ts';
import { day, isFor } from './tls/certificate.ts';
import { certificateWarnings, configuredFiles, readCertificateFiles } from './tls/certificate-files.ts';

export interface Finding {
  subject: string;
  /**
   * `old`: it works, and should be renewed. `optional`: it is not there, and the chosen settings do not need it. `blocked`: it is elsewhere,
   * and is not reached from here.
   */
  state: 'fine' | 'old' | 'missing' | 'taken' | 'optional' | 'blocked';
  /** The result of the check, or the problem. */
  detail: string;
  remedy?: string;
}

type Absence = Exclude<Finding['state'], 'fine'>;

const RUN_WITHIN_MS = 20_000;
const SET_UP = 'npm run setup';
/** The exit code of a working mediasoup worker that was started without MEDIASOUP_VERSION. */
const WORKER_EXIT_CODE = 41;

/** The findings, in the order in which people should read them. */
export function checkSystem({ config, environment, dataDir }: Settings, choice: EngineChoice): Promise<Finding[]> {
  const embedded = choice.url === undefined;
  return Promise.all([
    node(),
    dataFolder(dataDir),
    ...certificate(config),
    worker(),
    file('meeting page', join(pageDir, 'index.html'), 'missing'),
    ...offlineEngine(environment, config.engine.voskModel, embedded ? 'missing' : 'optional'),
    port('pages and signalling', config.port, 'BOOTH_PORT', tcpPortProblem(config.host, config.port)),
    config.rtc.tcpPort === 0
      ? port('media, TCP', config.rtc.port, 'BOOTH_RTC_PORT', tcpPortProblem(config.host, config.rtc.port))
      : port('media, TCP', config.rtc.tcpPort, 'BOOTH_RTC_TCP_PORT', tcpPortProblem(config.host, config.rtc.tcpPort)),
    port('media, UDP', config.rtc.port, 'BOOTH_RTC_PORT', udpPortProblem(config.host, config.rtc.port)),
    ...(embedded ? [enginePort(config.engine.port)] : []),
    chromium(environment),
    ffmpeg(environment),
    recordings(environment),
  ]);
}

async function node(): Promise<Finding> {
  const found = { subject: 'Node', detail: `${process.versions.node}, ${process.execPath}` };
  return isRecent(process.versions.node)
    ? { ...found, state: 'fine' }
    : { ...found, state: 'missing', remedy: 'npm install brings one that is recent enough.' };
}

async function dataFolder(path: string): Promise<Finding> {
  const subject = 'data folder';
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.W_OK);
    return { subject, state: 'fine', detail: path };
  } catch {
    return { subject, state: 'missing', detail: `${path} cannot be written`, remedy: 'Set BOOTH_DATA_DIR.' };
  }
}

/** The configured certificate, where there is one: its files, its dates and its names. */
function certificate(config: Config): Promise<Finding>[] {
  return config.tls.certificate === '' && config.tls.key === '' ? [] : [configuredCertificate(config)];
}

async function configuredCertificate(config: Config): Promise<Finding> {
  const subject = 'certificate';
  try {
    const files = configuredFiles(config);
    if (!files) return { subject, state: 'optional', detail: 'none configured' };
    const found = await readCertificateFiles(files);
    const host = config.publicUrl && new URL(config.publicUrl).hostname;
    const hosts = [...found.names, ...found.addresses].join(', ');
    if (host && !isFor(found, host))
      return {
        subject,
        state: 'missing',
        detail: `is for ${hosts}, not for ${host}`,
        remedy: 'Check BOOTH_PUBLIC_URL.',
      };
    const [warning] = await certificateWarnings(found, files, Date.now());
    return warning
      ? { subject, state: 'old', detail: warning }
      : { subject, state: 'fine', detail: `${hosts}, until ${day(found.validUntilMs)}` };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { subject, state: 'missing', detail: error.message };
  }
}

async function worker(): Promise<Finding> {
  const subject = 'media worker';
  const { exitCode, output } = await run(workerBinary, [], {});
  return exitCode === WORKER_EXIT_CODE
    ? { subject, state: 'fine', detail: workerBinary, ...agedWorker(await readManifest(workerManifest), Date.now()) }
    : { subject, state: 'missing', detail: `does not run (${exitCode}): ${output}`, remedy: SET_UP };
}

const DAY_MS = 86_400_000;
/** Debian mends the libraries that are linked in, OpenSSL above all, every few weeks. */
const OLD_DAYS = 60;

/** Tells how old a worker is and what is linked in, and how it gets renewed where it is old. */
export function agedWorker(manifest: WorkerManifest | undefined, nowMs: number): Partial<Finding> {
  if (!manifest) return { detail: `${workerBinary}, not made by set-up: its age is not known` };
  const days = Math.floor((nowMs - Date.parse(manifest.madeAt)) / DAY_MS);
  const linked = Object.entries(manifest.libraries ?? {}).map(([name, version]) => `${name} ${version}`);
  const origin = manifest.prebuilt ? 'prebuilt' : `built with ${linked.join(', ')}`;
  const detail = `${manifest.mediasoup}, ${days} ${days === 1 ? 'day' : 'days'} old, ${origin}`;
  if (days <= OLD_DAYS) return { detail };
  return {
    state: 'old',
    detail: `${detail}: its libraries may have been mended since`,
    remedy: `rm ${workerBinary} && npm run setup -- worker`,
  };
}

function offlineEngine(environment: Environment, otherModel: string, absence: Absence): Promise<Finding>[] {
  const { voskLibrary, voskModel, apertium, espeak } = engineParts(environment);
  return [
    file('speech recogniser', voskLibrary, absence),
    otherModel
      ? file('its model', join(otherModel, 'am'), absence, 'Check BOOTH_ENGINE_VOSK_MODEL.')
      : file('its model', join(voskModel, 'am'), absence),
    file('translator', apertium.mode, absence),
    program('its programs', 'lt-proc', apertium.env, absence),
    program('voice', espeak.command, espeak.env, absence),
  ];
}

async function file(subject: string, path: string, absence: Absence, remedy = SET_UP): Promise<Finding> {
  return (await exists(path))
    ? { subject: subject, state: 'fine', detail: path }
    : { subject: subject, state: absence, detail: `${path} is not there`, remedy };
}

async function program(subject: string, command: string, environment: Environment, absence: Absence): Promise<Finding> {
  const { exitCode, output } = await run(command, ['--version'], environment);
  return exitCode === 0
    ? { subject: subject, state: 'fine', detail: output }
    : { subject: subject, state: absence, detail: `does not run (${exitCode}): ${output}`, remedy: SET_UP };
}

const enginePort = (number: number): Promise<Finding> =>
  port('offline engine', number, 'BOOTH_ENGINE_PORT', tcpPortProblem('127.0.0.1', number));

async function port(
  use: string,
  number: number,
  setting: string,
  checking: Promise<NodeJS.ErrnoException | undefined>,
): Promise<Finding> {
  const subject = `port: ${use}`;
  const problem = await checking;
  if (!problem) return { subject, state: 'fine', detail: number === 0 ? 'any free one' : String(number) };
  const remedy = `Stop what uses it, or set ${setting}.`;
  return problem.code === 'EADDRINUSE'
    ? { subject, state: 'taken', detail: `${number}: a Booth runs already, or another program has it`, remedy }
    : { subject, state: 'missing', detail: `${number} ${problem.message}`, remedy };
}

async function ffmpeg({ PATH }: Environment): Promise<Finding> {
  const subject = 'FFmpeg, for pictures';
  const path = await findFfmpeg(PATH);
  return path === undefined
    ? {
        subject,
        state: 'optional',
        detail: 'none found: H264 and VP9 are not looked at, VP8 and AV1 are',
        remedy: 'apt install ffmpeg',
      }
    : { subject, state: 'fine', detail: path };
}

async function recordings(environment: Environment): Promise<Finding> {
  const subject = 'FFmpeg, for recordings';
  const programs = findFfmpegPrograms(environment);
  return programs
    ? { subject, state: 'fine', detail: programs.ffmpeg }
    : {
        subject,
        state: 'optional',
        detail: 'none found: of recordings, WAV, MP3, Ogg Opus and FLAC are read, and no .mp4 or .opus is written',
        remedy: 'npm run setup -- ffmpeg, or apt install ffmpeg',
      };
}

async function chromium(environment: Environment): Promise<Finding> {
  const subject = 'Chromium, for the tests';
  const path = findChromium(environment);
  return path !== undefined && (await exists(path))
    ? { subject, state: 'fine', detail: path }
    : { subject, state: 'optional', detail: 'none found', remedy: 'npm test brings one, or set CHROME_PATH.' };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

interface RunResult {
  /** The system's error code where the program could not be started. */
  exitCode: number | string;
  /** The first line of its output. */
  output: string;
}

function run(command: string, args: readonly string[], environment: Environment): Promise<RunResult> {
  return new Promise((resolve) => {
    const options = { env: { ...environment }, timeout: RUN_WITHIN_MS };
    execFile(command, args, options, (error, stdout, stderr) => {
      const output = stdout || stderr || error?.message || '';
      resolve({ exitCode: error ? (error.code ?? 'no exit code') : 0, output: output.trim().split('\n')[0] ?? '' });
    });
  });
}

/** The system's error when the port is opened; undefined where it is free. */
const tcpPortProblem = (host: string, port: number): Promise<NodeJS.ErrnoException | undefined> =>
  new Promise((resolve) => {
    const server = createServer().once('error', resolve);
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });

const udpPortProblem = (host: string, port: number): Promise<NodeJS.ErrnoException | undefined> =>
  new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4').once('error', resolve);
    socket.bind(port, host, () => socket.close(() => resolve(undefined)));
  });
