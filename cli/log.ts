/** The log on stderr: formatted for people on a terminal, as JSON lines elsewhere. */
import { type Logger, pino } from 'pino';
import { PinoPretty } from 'pino-pretty';
import type { Settings } from './settings.ts';

export const openLog = ({ config }: Pick<Settings, 'config'>): Logger =>
  process.stderr.isTTY
    ? pino({ level: config.logLevel }, PinoPretty({ destination: 2, sync: true, ignore: 'pid,hostname' }))
    : pino({ level: config.logLevel }, pino.destination(2));

/** The log of a command that does one thing: warnings and errors, unless BOOTH_LOG_LEVEL says otherwise. */
export const openQuietLog = ({ config, environment }: Pick<Settings, 'config' | 'environment'>): Logger =>
  openLog({ config: environment.BOOTH_LOG_LEVEL === undefined ? { ...config, logLevel: 'warn' } : config });
