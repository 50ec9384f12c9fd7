/**
 * The log of a process that its parent reads: JSON lines on stderr. Once the parent is gone, unwritten lines never delay the end of
 * the process: at exit, pino's destination would try for ever to write them to a pipe that nobody reads.
 */
import { type Logger, pino } from 'pino';

/**
 * @param part Stands in every line as `part`, to tell whose line it is.
 *
 * @example
 * const log = openParentLog('info', 'interpreter');
 * log.warn({ room }, 'translation session lost');
 */
export function openParentLog(level: string, part: string): Logger {
  const lines = pino.destination(2);
  process.once('disconnect', () => {
    lines.flushSync = () => {};
  });
  return pino({ level, base: { part } }, lines);
}
