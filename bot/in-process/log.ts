/** Where a Booth writes what its host's developers should know. */
import type { Logger } from '../../logging/logger.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Writes warnings and errors to the console. */
export const consoleLog: Logger & { isLevelEnabled(level: string): boolean } = {
  debug() {},
  info() {},
  warn: (fields, message) => console.warn(`booth: ${message}`, fields),
  error: (fields, message) => console.error(`booth: ${message}`, fields),
  isLevelEnabled: (level) => level === 'warn' || level === 'error',
};

/** The levels that a log writes at all: pino's say so. */
export const levelsOf = (log: Logger & { isLevelEnabled?(level: string): boolean }): LogLevel[] =>
  logLevels.filter((level) => log.isLevelEnabled?.(level) ?? true);

/** The same log, which never throws, and takes every level also where a method is missing. */
export function safeLog(log: Partial<Logger>): Logger {
  const line = (level: LogLevel) => (fields: object, message: string) => {
    try {
      log[level]?.(fields, message);
    } catch {
      // A log that fails has nowhere to say so.
    }
  };
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}
