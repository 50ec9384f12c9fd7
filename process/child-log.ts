/** Log lines of a child process (`parent-log.ts`), written into the log of this one. */
import type { Logger } from '../logging/logger.ts';

/** Log levels of pino, as its lines have them. */
const [INFO, WARN, ERROR] = [30, 40, 50] as const;

/**
 * @param line one line of the child's stderr; what is no log line, such as the words of a native library, is a warning
 *
 * @example
 * createInterface(child.stderr).on('line', (line) => forwardLogLine(log, line));
 */
export function forwardLogLine(log: Logger, line: string): void {
  const entry = parsed(line);
  if (!entry) {
    log.warn({ line }, 'output of a child process');
    return;
  }
  const { level, msg = '', time, ...fields } = entry;
  if (level >= ERROR) log.error(fields, msg);
  else if (level >= WARN) log.warn(fields, msg);
  else if (level >= INFO) log.info(fields, msg);
  else log.debug(fields, msg);
}

function parsed(line: string): { level: number; msg?: string; time?: number } | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null && 'level' in entry && typeof entry.level === 'number'
      ? { ...entry, level: entry.level }
      : undefined;
  } catch {
    return undefined;
  }
}
