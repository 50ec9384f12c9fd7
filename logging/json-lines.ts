/**
 * Log lines as JSON, with the numbers and names of pino's, so that a process which has pino can write them on as its own.
 */
import type { Logger } from './logger.ts';

/** The numbers of pino's levels, by name. */
const levels = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: Number.POSITIVE_INFINITY };

/**
 * A logger that hands every line of `level` and above to `write`, without a line end.
 *
 * @param level one of pino's; `info` where it is none of them
 * @param common fields of all lines
 *
 * @example
 * const log = jsonLinesLogger('info', { part: 'interpreter' }, (line) => process.stderr.write(`${line}\n`));
 */
export function jsonLinesLogger(level: string, common: object, write: (line: string) => void): Logger {
  const least = new Map(Object.entries(levels)).get(level) ?? levels.info;
  const lineAt = (number: number) => (fields: object, msg: string) => {
    if (number >= least) {
      write(JSON.stringify({ level: number, time: Date.now(), ...common, ...fields, msg }, plainError));
    }
  };
  return {
    debug: lineAt(levels.debug),
    info: lineAt(levels.info),
    warn: lineAt(levels.warn),
    error: lineAt(levels.error),
  };
}

/** What JSON leaves out of an error: all of it. */
function plainError(_name: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name: type, message, stack, cause } = value;
  return { type, ...value, message, stack, ...(cause !== undefined && { cause }) };
}
