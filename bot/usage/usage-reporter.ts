/**
 * Reports the interpreter's usage to the server, at most 5 s after it occurred or as soon as it is told, and at the end. A report that the server has not confirmed
 * is sent again, also by the next connection, and the server counts it once: usage is neither lost nor counted twice.
 */
import { MAX_USAGE_ENTRIES } from '@mediasoup-booth/protocol';
import type { Clock } from '../../time/clock.ts';
import type { RoomConnection } from '../room/room-connection.ts';
import type { UsageRecorder, UsageReport } from './usage-recorder.ts';

const REPORT_EVERY_MS = 5000;

export class UsageReporter {
  readonly #recorder: UsageRecorder;
  readonly #connection: Pick<RoomConnection, 'reportUsage'>;
  readonly #clock: Clock;
  readonly #everyMs: number;
  /** The numbers of the reports whose answer has not come yet. */
  readonly #underWay = new Set<number>();
  #cancelReport: (() => void) | undefined;
  #closed = false;

  /** The recorder may hold usage that an earlier connection could not report. */
  constructor(
    recorder: UsageRecorder,
    connection: Pick<RoomConnection, 'reportUsage'>,
    clock: Clock,
    everyMs: number = REPORT_EVERY_MS,
  ) {
    this.#recorder = recorder;
    this.#connection = connection;
    this.#clock = clock;
    this.#everyMs = everyMs;
    recorder.onChange = () => this.#reportSoon();
    if (this.#hasUnconfirmed) this.#reportSoon();
  }

  /** Reports what is left. To be called before the connection ends. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelReport?.();
    this.#recorder.onChange = () => {};
    this.#sendUnconfirmed();
    for (let more = true; more; ) more = this.#sendNext();
  }

  get #hasUnconfirmed(): boolean {
    return this.#recorder.hasUnreported || this.#recorder.unconfirmed.length > 0;
  }

  #reportSoon(): void {
    this.#cancelReport ??= this.#clock.after(this.#everyMs, () => {
      this.#cancelReport = undefined;
      this.#sendUnconfirmed();
      this.#sendNext();
      if (this.#hasUnconfirmed) this.#reportSoon();
    });
  }

  /** Sends the earlier reports again, before any later one. */
  #sendUnconfirmed(): void {
    for (const report of this.#recorder.unconfirmed) if (!this.#underWay.has(report.number)) this.#send(report);
  }

  /** Sends what no report contains yet. @returns whether there was anything */
  #sendNext(): boolean {
    const report = this.#recorder.takeReport(MAX_USAGE_ENTRIES);
    if (report) this.#send(report);
    return report !== undefined;
  }

  #send(report: UsageReport): void {
    this.#underWay.add(report.number);
    this.#connection
      .reportUsage(report)
      .then(() => this.#recorder.confirm(report))
      // It is sent again.
      .catch(() => {})
      .finally(() => this.#underWay.delete(report.number));
  }
}
