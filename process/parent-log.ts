/** The log of a process that its parent reads: JSON lines on stderr. Lines that nobody reads any more are dropped. */
import { jsonLinesLogger } from '../logging/json-lines.ts';
import type { Logger } from '../logging/logger.ts';

/**
 * @param part stands in every line as `part`, to tell whose line it is
 * @param ids stand in every line too, so that the lines of one meeting can be found in all parts' logs
 *
 * @example
 * const log = openParentLog('info', 'interpreter', { room: 'lobby' });
 * log.warn({ code }, 'translation session lost');
 */
export function openParentLog(level: string, part: string, ids: Readonly<Record<string, string>> = {}): Logger {
  // The parent is gone, and this process is about to end too.
  process.stderr.on('error', () => {});
  return jsonLinesLogger(level, { part, ...ids }, (line) => void process.stderr.write(`${line}\n`));
}
