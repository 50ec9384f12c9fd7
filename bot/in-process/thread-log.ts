/** The log of the interpreter's thread: its lines are written by the host's logger. */
import type { Logger } from '../../logging/logger.ts';
import type { LogLevel } from './log.ts';

/** @param levels the levels that the host writes at all; no others are sent */
export function threadLog(
  send: (level: LogLevel, fields: object, message: string) => void,
  levels: readonly LogLevel[],
): Logger {
  const line = (level: LogLevel) =>
    levels.includes(level) ? (fields: object, message: string) => send(level, sendable(fields), message) : () => {};
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}

/** Fields that another thread can be sent: an error as what it says, and nothing that has code in it. */
const sendable = (fields: object): object => JSON.parse(JSON.stringify(fields, plainError)) as object;

function plainError(_name: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name: type, message, stack, cause } = value;
  return { type, message, stack, ...(cause instanceof Error && { cause: cause.message }) };
}
