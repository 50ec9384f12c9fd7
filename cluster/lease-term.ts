/**
 * How long a worker may let an interpreter speak, by the worker's own clock. No timers, no Redis: callers pass the time in.
 *
 * Hard requirement: the term ends before the lease does, whatever the worker did meanwhile. So it counts from when the worker asked, not from
 * when it was answered, and ends a sixth of the lease earlier than Redis ends the lease.
 */

/** The lease is renewed this often in its length, so that one renewal may fail. */
const RENEWALS = 3;
/** The share of the lease after which the interpreter is stopped, where nothing has confirmed it since. */
const SPEAKS_FOR = 5 / 6;

/**
 * @example
 * const term = new LeaseTerm(4000, clock.now());
 * const askedMs = clock.now();
 * if (await leases.renew(room, lease)) term.confirm(askedMs);
 * if (term.isOver(clock.now())) stopSpeaking();
 */
export class LeaseTerm {
  readonly leaseMs: number;
  #confirmedMs: number;

  /** @param askedMs when the lease was asked for that was granted */
  constructor(leaseMs: number, askedMs: number) {
    this.leaseMs = leaseMs;
    this.#confirmedMs = askedMs;
  }

  /** Milliseconds between two renewals. */
  get renewEveryMs(): number {
    return this.leaseMs / RENEWALS;
  }

  /** Redis has renewed the lease, or the room has said that no other interpreter has come. An earlier question changes nothing. */
  confirm(askedMs: number): void {
    this.#confirmedMs = Math.max(this.#confirmedMs, askedMs);
  }

  /** Milliseconds until the interpreter has to be silent; 0: now. */
  leftMs(nowMs: number): number {
    return Math.max(0, this.#confirmedMs + this.leaseMs * SPEAKS_FOR - nowMs);
  }

  isOver(nowMs: number): boolean {
    return this.leftMs(nowMs) === 0;
  }
}
