/**
 * One connection that the limiter has granted, or will grant. It falls due once, at a time that may move until then; a reservation
 * that was cancelled never falls due.
 */
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import type { ConnectionLimiter } from './connection-limiter.ts';

/** How long to wait before reporting that a reservation failed, so that the next attempt does not come at once. */
const RETRY_AFTER_MS = 3000;

export interface ReservationEvents {
  /** The time at which the connection falls due is known, or has changed: see `dueMs`. */
  moved(): void;
  /** Once: the connection may be made now. */
  due(): void;
  /** Once: the limiter gave no reservation. */
  failed(): void;
}

export class ConnectionReservation {
  /** The time of the connection, by the clock that was passed in; infinite until the limiter has answered. */
  dueMs = Number.POSITIVE_INFINITY;
  readonly #clock: Clock;
  #cancelTimer = (): void => {};
  #isSpent = false;

  constructor(
    deps: { connectionLimiter: ConnectionLimiter; clock: Clock; log: Pick<Logger, 'warn'> },
    events: ReservationEvents,
  ) {
    const { connectionLimiter, clock, log } = deps;
    this.#clock = clock;
    const due = (): void => {
      // A reservation is for one connection, even if a message that it moved is still under way.
      this.#isSpent = true;
      events.due();
    };
    const schedule = (waitMs: number): void => {
      this.dueMs = clock.now() + waitMs;
      this.#after(waitMs, due);
      events.moved();
    };
    connectionLimiter.reserve(schedule).then(schedule, (error: unknown) => {
      log.warn({ err: error }, 'connection reservation failed');
      this.#after(RETRY_AFTER_MS, events.failed);
    });
  }

  cancel(): void {
    this.#isSpent = true;
    this.#cancelTimer();
  }

  #after(ms: number, run: () => void): void {
    this.#cancelTimer();
    if (!this.#isSpent) this.#cancelTimer = this.#clock.after(ms, run);
  }
}
