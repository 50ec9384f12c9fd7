/** A connection that the account's budget has given us, or will. Cancelled, it is never due. */
import type { Logger } from 'pino';
import type { Clock } from '../../time/clock.ts';
import type { ConnectionLimiter } from './connection-limiter.ts';

/** A permit that could not be asked for is asked for again. */
const ASK_AGAIN_MS = 3000;

export class ConnectionReservation {
  dueMs = Number.POSITIVE_INFINITY;
  readonly #clock: Clock;
  #cancelTimer = (): void => {};
  #spent = false;

  constructor(
    { permits, clock, log }: { permits: ConnectionLimiter; clock: Clock; log: Pick<Logger, 'warn'> },
    events: { moved(): void; due(): void; failed(): void },
  ) {
    this.#clock = clock;
    const due = (): void => {
      // A permit is for one connection, though word of its move comes too late.
      this.#spent = true;
      events.due();
    };
    const book = (waitMs: number): void => {
      this.dueMs = clock.now() + waitMs;
      this.#after(waitMs, due);
      events.moved();
    };
    permits.connect(book).then(book, (error: unknown) => {
      log.warn({ err: error }, 'no connection could be booked');
      this.#after(ASK_AGAIN_MS, events.failed);
    });
  }

  cancel(): void {
    this.#spent = true;
    this.#cancelTimer();
  }

  #after(ms: number, run: () => void): void {
    this.#cancelTimer();
    if (!this.#spent) this.#cancelTimer = this.#clock.after(ms, run);
  }
}
