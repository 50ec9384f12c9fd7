/**
 * The permits that the room's server grants, over signalling. Tokens are reported once a second at most; what is reported after
 * the room was lost goes nowhere.
 */
import type { RoomClient } from '../../room-client/room-client.ts';
import type { Clock } from '../../time/clock.ts';
import type { ConnectionLimiter, OnWaitChanged } from '../session/connection-limiter.ts';

const REPORT_EVERY_MS = 1000;

type Signalling = Pick<RoomClient, 'request' | 'on'>;

export class RemoteConnectionLimiter implements ConnectionLimiter {
  readonly #signalling: Signalling;
  readonly #clock: Clock;
  /** Who waits, by booking: as many as the server lets wait, and those that have fallen due since the last was booked. */
  readonly #waiting = new Map<number, { dueMs: number; moved: OnWaitChanged }>();
  #unreported = 0;
  #cancelReport: (() => void) | undefined;
  #closed = false;

  constructor(signalling: Signalling, clock: Clock) {
    this.#signalling = signalling;
    this.#clock = clock;
    signalling.on('session.moved', ({ booking, waitMs }) => this.#move(booking, waitMs));
  }

  async reserve(moved?: OnWaitChanged): Promise<number> {
    const { booking, waitMs } = await this.#signalling.request('session.permit', {});
    this.#removeDue();
    if (moved && waitMs > 0) this.#waiting.set(booking, { dueMs: this.#clock.now() + waitMs, moved });
    return waitMs;
  }

  tokensUsed(tokens: number): void {
    if (this.#closed) return;
    this.#unreported += tokens;
    this.#cancelReport ??= this.#clock.after(REPORT_EVERY_MS, () => this.#report());
  }

  throttled(): void {
    if (!this.#closed) this.#send(this.#signalling.request('session.throttled', {}));
  }

  /** Before the connection ends: the last tokens are reported still. */
  close(): void {
    if (this.#closed) return;
    this.#cancelReport?.();
    this.#report();
    this.#closed = true;
    this.#waiting.clear();
  }

  #report(): void {
    this.#cancelReport = undefined;
    const tokens = Math.ceil(this.#unreported);
    this.#unreported = 0;
    if (tokens > 0) this.#send(this.#signalling.request('session.used', { tokens }));
  }

  #move(booking: number, waitMs: number): void {
    const waiting = this.#waiting.get(booking);
    if (!waiting) return;
    waiting.dueMs = this.#clock.now() + waitMs;
    waiting.moved(waitMs);
  }

  #removeDue(): void {
    for (const [booking, { dueMs }] of this.#waiting) if (dueMs <= this.#clock.now()) this.#waiting.delete(booking);
  }

  /** Reports need no answer: where the room is lost, so is what they are for. */
  #send(request: Promise<unknown>): void {
    request.catch(() => {});
  }
}
