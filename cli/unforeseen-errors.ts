/**
 * What the server's process does about an error that nobody caught: where it was thrown in the code of one room, that room closes and
 * the others go on. Elsewhere nothing is certain any more: the process closes what it can, in 5 s, and ends with an exit code by which
 * whoever started it knows that it has to be started again.
 */
import type { Logger } from 'pino';
import { systemClock, within } from '../time/clock.ts';

/** `EX_SOFTWARE` of sysexits.h. `scripts/booth.mjs` knows it too. */
const EXIT_CODE = 70;
const CLOSES_WITHIN_MS = 5000;

export interface FailingServer {
  /** @returns whether the error was one of a single room, which closes */
  contain(error: unknown): boolean;
  close(): Promise<void>;
}

/**
 * @example
 * handleUnforeseenErrors({ contain: server.contain, close: () => booth.close() }, log);
 */
export function handleUnforeseenErrors(server: FailingServer, log: Pick<Logger, 'fatal'>): void {
  let isEnding = false;
  process.on('uncaughtException', (error) => {
    if (server.contain(error)) return;
    log.fatal({ err: error }, 'unforeseen error, the server ends');
    if (isEnding) return;
    isEnding = true;
    void within(systemClock, CLOSES_WITHIN_MS, server.close())
      .catch(() => {})
      .finally(() => process.exit(EXIT_CODE));
  });
}
