/** The log: to stderr, for eyes on a terminal and as JSON elsewhere. */
import { type Logger, pino } from 'pino';
import { PinoPretty } from 'pino-pretty';
import type { Settings } from './settings.ts';

export const openLog = ({ config }: Pick<Settings, 'config'>): Logger =>
  process.stderr.isTTY
    ? pino({ level: config.logLevel }, PinoPretty({ destination: 2, sync: true, ignore: 'pid,hostname' }))
    : pino({ level: config.logLevel }, pino.destination(2));

/** A command that does one thing tells what goes wrong, unless more was asked for. */
export const openQuietLog = ({ config, environment }: Pick<Settings, 'config' | 'environment'>): Logger =>
  openLog({ config: environment.BOOTH_LOG_LEVEL === undefined ? { ...config, logLevel: 'warn' } : config });
