/**
 * Tells the server what the interpreter's sessions take: 5 s after something was taken at the latest, and at the end. What the
 * server has not confirmed is told again: rather counted twice than not at all.
 */
import { MAX_USAGE_ENTRIES } from '../../protocol/usage.ts';
import type { Clock } from '../../time/clock.ts';
import type { RoomConnection } from '../room/room-connection.ts';
import type { UsageRecorder } from './usage-recorder.ts';

const REPORT_EVERY_MS = 5000;

export class UsageReporter {
  readonly #recorder: UsageRecorder;
  readonly #connection: Pick<RoomConnection, 'reportUsage'>;
  readonly #clock: Clock;
  #cancelReport: (() => void) | undefined;
  #closed = false;

  /** The ledger may hold what an earlier connection could not report. */
  constructor(ledger: UsageRecorder, connection: Pick<RoomConnection, 'reportUsage'>, clock: Clock) {
    this.#recorder = ledger;
    this.#connection = connection;
    this.#clock = clock;
    ledger.onChange = () => this.#reportSoon();
    if (ledger.hasUnreported) this.#reportSoon();
  }

  /** Before the connection ends. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelReport?.();
    this.#recorder.onChange = () => {};
    while (this.#recorder.hasUnreported) this.#report();
  }

  #reportSoon(): void {
    this.#cancelReport ??= this.#clock.after(REPORT_EVERY_MS, () => {
      this.#cancelReport = undefined;
      this.#report();
      if (this.#recorder.hasUnreported) this.#reportSoon();
    });
  }

  #report(): void {
    const entries = this.#recorder.takeUnreported(MAX_USAGE_ENTRIES);
    this.#connection.reportUsage(entries).catch(() => this.#recorder.putBack(entries));
  }
}
