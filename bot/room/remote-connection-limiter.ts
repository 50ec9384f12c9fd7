/**
 * Reserves connections to the translation service with the room's server, over signalling. Tokens are reported at most once a second;
 * reports after the room was lost are dropped.
 */
import type { SignallingClient } from '../../room-client/signalling-client.ts';
import type { Clock } from '../../time/clock.ts';
import type { ConnectionLimiter, OnWaitChanged } from '../session/connection-limiter.ts';

const REPORT_EVERY_MS = 1000;

type Signalling = Pick<SignallingClient, 'request' | 'on'>;

export class RemoteConnectionLimiter implements ConnectionLimiter {
  readonly #signalling: Signalling;
  readonly #clock: Clock;
  /** The callers that wait, by reservation: at most as many as the server lets wait, and those whose time came since the last reservation. */
  readonly #waiting = new Map<number, { dueMs: number; moved: OnWaitChanged }>();
  #unreported = 0;
  #cancelReport: (() => void) | undefined;
  #closed = false;

  constructor(signalling: Signalling, clock: Clock) {
    this.#signalling = signalling;
    this.#clock = clock;
    signalling.on('session.moved', ({ reservation, waitMs }) => this.#move(reservation, waitMs));
  }

  async reserve(moved?: OnWaitChanged): Promise<number> {
    const { reservation, waitMs } = await this.#signalling.request('session.reserve', {});
    this.#removeDue();
    if (moved && waitMs > 0) this.#waiting.set(reservation, { dueMs: this.#clock.now() + waitMs, moved });
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

  /** Reports the last tokens: to be called before the connection ends. */
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

  #move(reservation: number, waitMs: number): void {
    const waiting = this.#waiting.get(reservation);
    if (!waiting) return;
    waiting.dueMs = this.#clock.now() + waitMs;
    waiting.moved(waitMs);
  }

  #removeDue(): void {
    for (const [reservation, { dueMs }] of this.#waiting)
      if (dueMs <= this.#clock.now()) this.#waiting.delete(reservation);
  }

  /** Failures of reports are ignored: if the room is lost, nobody needs them. */
  #send(request: Promise<unknown>): void {
    request.catch(() => {});
  }
}
