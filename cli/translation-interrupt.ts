/** What Ctrl-C means for a translation: at first the end of the speech; then, and where nothing waits for an answer any more, the end of the process. */
import { constants } from 'node:os';
import { printLine } from './subtitles.ts';

const exitBy = (signal: NodeJS.Signals): never => process.exit(128 + constants.signals[signal]);

/**
 * Aborts at the first Ctrl-C, so that the translation of what was said still comes; the second ends the process, as other signals do: by
 * `exit`, which ends FFmpeg as well.
 */
export function interrupted(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    controller.abort();
    process.once('SIGINT', exitBy);
  });
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, exitBy);
  return controller.signal;
}

/** While files are written, Ctrl-C ends the process. */
export function endAtInterrupt(stop: AbortSignal, canResume: boolean): void {
  const end = () => {
    printLine(`stopped${canResume ? ': the same command with --resume writes what is translated' : ''}`);
    exitBy('SIGINT');
  };
  stop.addEventListener('abort', end, { once: true });
}
