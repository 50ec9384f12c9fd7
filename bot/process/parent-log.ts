/**
 * The log of a process that a parent reads: JSON lines on stderr. When the parent is gone, nothing of it delays the end:
 * pino's destination would try for ever, at exit, to write its rest to a pipe that nobody reads.
 */
import { type Logger, pino } from 'pino';

export function openParentLog(level: string, part: string): Logger {
  const lines = pino.destination(2);
  process.once('disconnect', () => {
    lines.flushSync = () => {};
  });
  return pino({ level, base: { part } }, lines);
}
