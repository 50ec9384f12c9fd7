/**
 * The log of a process that its parent reads: JSON lines on stderr. Once the parent is gone, unwritten lines never delay the end of
 * the process: at exit, pino's destination would try for ever to write them to a pipe that nobody reads.
 */
import { type Logger, pino } from 'pino';

/**
 * @param part stands in every line as `part`, to tell whose line it is
 * @param ids stand in every line too, so that the lines of one meeting can be found in all parts' logs
 *
 * @example
 * const log = openParentLog('info', 'interpreter', { room: 'lobby' });
 * log.warn({ code }, 'translation session lost');
 */
export function openParentLog(level: string, part: string, ids: Readonly<Record<string, string>> = {}): Logger {
  const lines = pino.destination(2);
  process.once('disconnect', () => {
    lines.flushSync = () => {};
  });
  return pino({ level, base: { part, ...ids } }, lines);
}
