/** Which service translates, ready to be used; and interpreters at work with it, each in a process of its own. */
import type { Logger } from 'pino';
import {
  type InterpreterProcess,
  type ProcessState,
  superviseInterpreter,
} from '../bot/process/interpreter-supervisor.ts';
import type { LanguageCode } from '../protocol/languages.ts';
import type { LanguageSettings } from '../protocol/rest.ts';
import type { PictureMode } from '../protocol/rooms.ts';
import { systemClock } from '../time/clock.ts';
import { chooseEngine, type EngineChoice } from './engine-choice.ts';
import type { Settings } from './settings.ts';
import { startTranslationService } from './translation-service.ts';

export interface Interpreting {
  choice: EngineChoice;
  send(order: Order): InterpreterProcess;
  /** Ends the embedded engine, where it serves. */
  close(): Promise<void>;
}

export interface Order {
  /** `ws://…/v1/signal` */
  url: string;
  token: string;
  languages: 'auto' | readonly LanguageCode[];
  /** How each is said and written. Default: as configured. */
  wishes?: Readonly<Record<LanguageCode, LanguageSettings>>;
  pictures: PictureMode;
  onState(state: ProcessState, message?: string): void;
}

/** Starts the embedded engine where no other service was chosen. @throws {CommandError | ConfigError} */
export async function openInterpreting(settings: Settings, log: Logger): Promise<Interpreting> {
  const { config, environment } = settings;
  const choice = chooseEngine(config, environment);
  const service = await startTranslationService(choice, settings, log);
  const { sessionIdleTimeoutMs, tracks, maxLagMs, voices } = config.interpretation;
  const playout = { tracks, maxLagMs, voices };
  return {
    choice,
    send: ({ url, token, languages, wishes = {}, pictures, onState }) =>
      superviseInterpreter({
        assignment: {
          wishes,
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
        onLog: (line) => relog(log, line),
      }),
    close: () => service.stop(),
  };
}

/** A line of a child's log, as one of ours. */
function relog(log: Logger, line: string): void {
  try {
    const { level, msg, time, ...rest } = JSON.parse(line) as { level: number; msg?: string; time?: number };
    const write = level >= 50 ? log.error : level >= 40 ? log.warn : level >= 30 ? log.info : log.debug;
    write.call(log, rest, msg);
  } catch {
    log.warn({ line }, 'an interpreter said');
  }
}
