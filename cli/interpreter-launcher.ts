/** Launches interpreters, each in a process of its own, which all use the translation service that the settings choose. */

import { type InterpreterProcess, type ProcessState, superviseInterpreter } from '@mediasoup-booth/interpreter/remote';
import type { LanguageCode, LanguageSettings, PictureMode } from '@mediasoup-booth/protocol';
import type { Logger } from 'pino';
import { forwardLogLine } from '../process/child-log.ts';
import { systemClock } from '../time/clock.ts';
import { chooseEngine, type EngineChoice } from './engine-choice.ts';
import type { Settings } from './settings.ts';
import { startTranslationService } from './translation-service.ts';

export interface InterpreterLauncher {
  choice: EngineChoice;
  launch(options: InterpreterLaunchOptions): InterpreterProcess;
  /** Stops the embedded engine, where that is the translation service. */
  close(): Promise<void>;
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
export async function openInterpreterLauncher(settings: Settings, log: Logger): Promise<InterpreterLauncher> {
  const { config, environment } = settings;
  const choice = chooseEngine(config, environment);
  const service = await startTranslationService(choice, settings, log);
  const { sessionIdleTimeoutMs, tracks, maxLagMs, voices } = config.interpretation;
  const playout = { tracks, maxLagMs, voices };
  return {
    choice,
    launch: ({ url, token, languages, languageSettings = {}, pictures, onState }) =>
      superviseInterpreter({
        assignment: {
          languageSettings,
          url,
          token,
          languages,
          pictures,
          translation: service.access,
          sessionIdleTimeoutMs,
          playout,
          logLevel: log.level,
        },
        clock: systemClock,
        onState,
        onLog: (line) => forwardLogLine(log, line),
      }),
    close: () => service.stop(),
  };
}
