/** Launches interpreters, in one process or each in its own, as the settings say; they all use the translation service that the settings choose. */

import {
  type InterpreterProcess,
  InterpreterThreads,
  type ProcessState,
  type RoomLaunch,
  superviseInterpreter,
} from '@mediasoup-booth/interpreter/remote';
import type { LanguageCode, LanguageSettings, PictureMode } from '@mediasoup-booth/protocol';
import type { Logger } from 'pino';
import { forwardLogLine } from '../process/child-log.ts';
import { systemClock } from '../time/clock.ts';
import { chooseEngine, type EngineChoice } from './engine-choice.ts';
import type { Settings } from './settings.ts';
import { startTranslationService } from './translation-service.ts';

type Isolation = Settings['config']['interpreter']['isolation'];

export interface InterpreterLauncher {
  choice: EngineChoice;
  launch(options: InterpreterLaunchOptions): InterpreterProcess;
  /** Stops the interpreters' process, and the embedded engine where that is the translation service. */
  close(): Promise<void>;
}

export interface InterpreterHostingOptions {
  /** Default: as the configuration says. */
  isolation?: Isolation;
  /** The interpreters' process runs before the first room comes. Default: false. */
  keepReady?: boolean;
}

export interface InterpreterLaunchOptions {
  /** `ws://…/v1/signal` */
  url: string;
  token: string;
  /** The fencing token, of an interpreter that a worker runs. */
  fence?: number;
  languages: 'auto' | readonly LanguageCode[];
  /** How each language is spoken and written. Default: as the configuration says. */
  languageSettings?: Readonly<Record<LanguageCode, LanguageSettings>>;
  pictures: PictureMode;
  /** Default: as the configuration says. */
  settings?: AssignedSettings;
  /** `message` is a sentence for people. */
  onState(state: ProcessState, message?: string): void;
}

/** What of the configuration an interpreter is given. */
export interface AssignedSettings {
  sessionIdleTimeoutMs: number;
  limits: { maxSessions: number };
  playout: { tracks: 'mixed' | 'perSpeaker'; maxLagMs: number; voices: number };
}

export function interpretationSettings({ interpretation, livetranslate }: Settings['config']): AssignedSettings {
  const { sessionIdleTimeoutMs, tracks, maxLagMs, voices } = interpretation;
  const { maxSessions } = livetranslate;
  return { sessionIdleTimeoutMs, limits: { maxSessions }, playout: { tracks, maxLagMs, voices } };
}

/**
 * Starts the embedded engine where no other service was chosen.
 *
 * @throws {CommandError} when the embedded engine does not start
 * @throws {ConfigError} when the chosen service lacks a setting
 *
 * @example
 * const launcher = await openInterpreterLauncher(readSettings(), log);
 * const interpreter = launcher.launch({ url, token, languages: 'auto', pictures: 'off', onState: console.log });
 * await interpreter.stop();
 * await launcher.close();
 */
export async function openInterpreterLauncher(
  settings: Settings,
  log: Logger,
  { isolation = settings.config.interpreter.isolation, keepReady = false }: InterpreterHostingOptions = {},
): Promise<InterpreterLauncher> {
  const { config, environment } = settings;
  const choice = chooseEngine(config, environment);
  const service = await startTranslationService(choice, settings, log);
  const interpretation = interpretationSettings(config);
  const hosting = hostInterpreters({ ...config.interpreter, isolation, keepReady }, log);
  return {
    choice,
    launch: ({ url, token, fence, languages, languageSettings = {}, pictures, settings: own, onState }) =>
      hosting.launch({
        assignment: {
          languageSettings,
          url,
          token,
          ...(fence !== undefined && { fence }),
          languages,
          pictures,
          translation: service.access,
          ...(own ?? interpretation),
          logLevel: log.level,
        },
        onState,
      }),
    async close() {
      await hosting.close();
      await service.stop();
    },
  };
}

interface InterpreterHosting {
  launch(room: RoomLaunch): InterpreterProcess;
  close(): Promise<void>;
}

function hostInterpreters(
  {
    isolation,
    threads,
    maxMemoryMb,
    keepReady,
  }: Pick<Settings['config']['interpreter'], 'isolation' | 'threads' | 'maxMemoryMb'> & { keepReady: boolean },
  log: Logger,
): InterpreterHosting {
  const common = { maxMemoryMb, clock: systemClock, onLog: (line: string) => forwardLogLine(log, line) };
  // The launched interpreters are stopped by whoever launched them.
  if (isolation === 'process')
    return { launch: (room) => superviseInterpreter({ ...room, ...common }), close: async () => {} };
  return new InterpreterThreads({ ...common, keepReady, logLevel: log.level, ...(threads !== 'auto' && { threads }) });
}
