/**
 * Reports the interpreter's usage to the server, at most 5 s after it occurred, and at the end. A report that the server has not confirmed
 * is sent again: usage may be counted twice, but is never lost.
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

  /** The recorder may hold usage that an earlier connection could not report. */
  constructor(recorder: UsageRecorder, connection: Pick<RoomConnection, 'reportUsage'>, clock: Clock) {
    this.#recorder = recorder;
    this.#connection = connection;
    this.#clock = clock;
    recorder.onChange = () => this.#reportSoon();
    if (recorder.hasUnreported) this.#reportSoon();
  }

  /** Reports what is left. To be called before the connection ends. */
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
