/**
 * Reports to the server every 5 s how the interpreter is doing. A report that does not arrive is not sent again: its counters are totals,
 * which the next report carries too.
 */
import type { InterpreterStats } from '@mediasoup-booth/protocol';
import type { Clock } from '../../time/clock.ts';
import type { RoomConnection } from '../room/room-connection.ts';

const REPORT_INTERVAL_MS = 5000;

export class StatsReporter {
  readonly #stats: () => InterpreterStats;
  readonly #connection: Pick<RoomConnection, 'reportStats'>;
  readonly #clock: Clock;
  #cancelTimer: () => void;
  #closed = false;

  constructor(stats: () => InterpreterStats, connection: Pick<RoomConnection, 'reportStats'>, clock: Clock) {
    this.#stats = stats;
    this.#connection = connection;
    this.#clock = clock;
    this.#cancelTimer = this.#scheduleNext();
  }

  /** Stops. What happened since the last report is not reported. */
  close(): void {
    this.#closed = true;
    this.#cancelTimer();
  }

  #scheduleNext(): () => void {
    return this.#clock.after(REPORT_INTERVAL_MS, () => {
      // The room is lost with its connection, and reports with it: whoever owns both learns of it there.
      this.#connection.reportStats(this.#stats()).catch(() => undefined);
      if (!this.#closed) this.#cancelTimer = this.#scheduleNext();
    });
  }
}
