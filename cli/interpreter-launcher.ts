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
}

export interface InterpreterLaunchOptions {
  /** `ws://…/v1/signal` */
  url: string;
  token: string;
  languages: 'auto' | readonly LanguageCode[];
  /** How each language is spoken and written. Default: as the configuration says. */
  languageSettings?: Readonly<Record<LanguageCode, LanguageSettings>>;
  pictures: PictureMode;
  /** `message` is a sentence for people. */
  onState(state: ProcessState, message?: string): void;
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
  { isolation = settings.config.interpreter.isolation }: InterpreterHostingOptions = {},
): Promise<InterpreterLauncher> {
  const { config, environment } = settings;
  const choice = chooseEngine(config, environment);
  const service = await startTranslationService(choice, settings, log);
  const { sessionIdleTimeoutMs, tracks, maxLagMs, voices } = config.interpretation;
  const playout = { tracks, maxLagMs, voices };
  const hosting = hostInterpreters({ ...config.interpreter, isolation }, log);
  return {
    choice,
    launch: ({ url, token, languages, languageSettings = {}, pictures, onState }) =>
      hosting.launch({
        assignment: {
          languageSettings,
          url,
          token,
          languages,
          pictures,
          translation: service.access,
          sessionIdleTimeoutMs,
          limits: { maxSessions: config.livetranslate.maxSessions },
          playout,
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
  { isolation, threads, maxMemoryMb }: Settings['config']['interpreter'],
  log: Logger,
): InterpreterHosting {
  const common = { maxMemoryMb, clock: systemClock, onLog: (line: string) => forwardLogLine(log, line) };
  // The launched interpreters are stopped by whoever launched them.
  if (isolation === 'process')
    return { launch: (room) => superviseInterpreter({ ...room, ...common }), close: async () => {} };
  return new InterpreterThreads({ ...common, logLevel: log.level, ...(threads !== 'auto' && { threads }) });
}
