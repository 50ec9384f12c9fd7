/** The log on stderr: formatted for people on a terminal, as JSON lines elsewhere. */
import { type Logger, type LoggerOptions, pino } from 'pino';
import { PinoPretty } from 'pino-pretty';
import type { Settings } from './settings.ts';

export function openLog({ config }: Pick<Settings, 'config'>, hooks: LoggerOptions['hooks'] = {}): Logger {
  const options = { level: config.logLevel, hooks };
  return process.stderr.isTTY
    ? pino(options, PinoPretty({ destination: 2, sync: true, ignore: 'pid,hostname' }))
    : pino(options, pino.destination(2));
}

/** The log of a command that does one thing: warnings and errors, unless BOOTH_LOG_LEVEL says otherwise. */
export const openQuietLog = (
  { config, environment }: Pick<Settings, 'config' | 'environment'>,
  hooks?: LoggerOptions['hooks'],
): Logger =>
  openLog({ config: environment.BOOTH_LOG_LEVEL === undefined ? { ...config, logLevel: 'warn' } : config }, hooks);
