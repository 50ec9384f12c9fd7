/**
 * When the server of a room has its interpreter placed, and placed again. No Redis and no timers: callers pass in what they have read, and when.
 *
 * Hard requirement: at most one placement is asked for at a time, so that an interpreter that is lost again and again costs a bounded number of
 * attempts: five within five minutes, then it has failed, and the room says so.
 */
import { RestartCounter, type RestartPolicy } from '../process/restart-counter.ts';
import type { RoomLease } from './lease-store.ts';

/** An interpreter whose connection is gone may come back by itself this long, before another is placed. */
export const REJOINS_WITHIN_MS = 1000;
/** So long may a worker that says so start an interpreter again, whose connection has ended with it. */
const RESTARTS_WITHIN_MS = 20_000;
/** So long may a worker say that the room is not reached, while the connection seems to be there. */
const RECONNECTS_WITHIN_MS = 5000;
/** An interpreter that was never in the room may take this long to get there. */
const JOINS_WITHIN_MS = 25_000;
/** So long may a lease be missing whose interpreter is in the room: where Redis was emptied, its worker writes it again within a third of its length. */
const MISSING_FOR_MS = 2000;
/** From a worker's taking an order to its lease. */
const TAKES_WITHIN_MS = 5000;
/** Workers write their leases again within this time where Redis was emptied. */
export const SETTLES_WITHIN_MS = 10_000;

const RESTART: RestartPolicy = {
  firstDelayMs: 500,
  maxDelayMs: 10_000,
  // A room may take that long to be lost which was never reached, or is started again and again by its worker.
  stableAfterMs: 60_000,
  limit: { starts: 5, withinMs: 300_000 },
};

/** What is known of a room. */
export interface PlacementSituation {
  nowMs: number;
  lease: RoomLease | undefined;
  /** The fencing token of the interpreter that is in the room now. */
  present: number | undefined;
  /** Whether the order still waits in the queue. */
  isQueued: boolean;
}

/** `wait`: nothing is to be done. `place`: a worker is to be found, which may take the lease from whoever has it up to `above`. */
export type PlacementStep =
  | { do: 'wait' }
  | { do: 'place'; above: number }
  /** `reason` is a sentence for people. */
  | { do: 'fail'; reason: string };

const WAIT: PlacementStep = { do: 'wait' };

/**
 * @example
 * const placement = new Placement(clock.now(), 0);
 * const step = placement.next({ nowMs: clock.now(), lease, present, isQueued: true });
 * if (step.do === 'place') await queue.add(order(step.above));
 */
export class Placement {
  readonly #restarts = new RestartCounter(RESTART);
  /** The highest fencing token that is known. */
  #highest: number;
  /** An order was given, and no worker has the lease for it so far. */
  #ordered: { above: number; queuedUntilMs: number } | undefined;
  /** The next order follows at this time. */
  #placeAtMs: number | undefined;
  /** Since when the lease that is known has been as it is. */
  #leaseSince: { fence: number; state: RoomLease['state']; atMs: number } | undefined;
  /** Since when there has been no lease. */
  #missingSinceMs: number | undefined;
  #absence: { sinceMs: number; wasPresent: boolean };
  #settlesAtMs = Number.NEGATIVE_INFINITY;

  /** @param highest the fencing token of whoever has the lease of the room: it belongs to an earlier interpreter, and is taken away */
  constructor(nowMs: number, highest: number) {
    this.#highest = highest;
    this.#placeAtMs = nowMs;
    this.#absence = { sinceMs: nowMs, wasPresent: false };
  }

  /** The highest fencing token that is known. */
  get highest(): number {
    return this.#highest;
  }

  /** Whether an order waits to be taken by a worker. */
  get isOrdered(): boolean {
    return this.#ordered !== undefined;
  }

  /** Whether a worker is to be found, or found again after a pause. */
  get isPlacing(): boolean {
    return this.#ordered !== undefined || this.#placeAtMs !== undefined;
  }

  /** The interpreter has come into the room with this token, or (undefined) has left it. */
  presenceChanged(fence: number | undefined, nowMs: number): void {
    if (fence === undefined) this.#absence = { sinceMs: nowMs, wasPresent: true };
    else this.#highest = Math.max(this.#highest, fence);
  }

  /** What Redis held is gone: orders are given again, and leases have time to be written again. */
  emptied(nowMs: number): void {
    this.#settlesAtMs = nowMs + SETTLES_WITHIN_MS;
    if (!this.#ordered) return;
    this.#ordered = undefined;
    this.#placeAtMs = nowMs;
  }

  /** Redis was away for a while: what it holds has not changed, and nobody is to blame for the silence. */
  recovered(nowMs: number): void {
    this.#settlesAtMs = nowMs + SETTLES_WITHIN_MS;
  }

  next(situation: PlacementSituation): PlacementStep {
    this.#observe(situation);
    const { nowMs, isQueued } = situation;
    if (this.#ordered) {
      if (isQueued) this.#ordered.queuedUntilMs = nowMs;
      // A worker took it, and ended before it had the lease.
      if (nowMs - this.#ordered.queuedUntilMs > TAKES_WITHIN_MS) return this.#place();
      return WAIT;
    }
    if (this.#placeAtMs !== undefined) return nowMs >= this.#placeAtMs ? this.#place() : WAIT;
    if (situation.lease?.leaving && situation.lease.fence === this.#highest) return this.#place();
    return this.#isLost(situation) ? this.#lost(nowMs) : WAIT;
  }

  #observe({ nowMs, lease }: PlacementSituation): void {
    this.#missingSinceMs = lease ? undefined : (this.#missingSinceMs ?? nowMs);
    if (!lease) return;
    const known = this.#leaseSince;
    if (known?.fence !== lease.fence || known.state !== lease.state)
      this.#leaseSince = { fence: lease.fence, state: lease.state, atMs: nowMs };
    this.#highest = Math.max(this.#highest, lease.fence);
    if (!this.#ordered || lease.fence <= this.#ordered.above) return;
    this.#ordered = undefined;
    this.#restarts.started(nowMs);
    this.#absence = { sinceMs: nowMs, wasPresent: false };
  }

  #isLost({ nowMs, lease, present }: PlacementSituation): boolean {
    const isPresent = present === this.#highest;
    if (!lease && !isPresent) return nowMs >= this.#settlesAtMs;
    if (!lease) return nowMs >= this.#settlesAtMs && nowMs - (this.#missingSinceMs ?? nowMs) >= MISSING_FOR_MS;
    if (lease.state === 'restarting')
      return nowMs - (this.#leaseSince?.atMs ?? nowMs) > (isPresent ? RECONNECTS_WITHIN_MS : RESTARTS_WITHIN_MS);
    if (isPresent) return false;
    const { sinceMs, wasPresent } = this.#absence;
    // A worker that starts an interpreter again says so a moment later.
    return nowMs - sinceMs >= (wasPresent ? REJOINS_WITHIN_MS : JOINS_WITHIN_MS);
  }

  #lost(nowMs: number): PlacementStep {
    const { starts, delayMs } = this.#restarts.ended(nowMs);
    if (delayMs === undefined)
      return {
        do: 'fail',
        reason: `The interpreter was lost ${starts} times within five minutes, on different computers.`,
      };
    if (starts === 1) return this.#place();
    this.#placeAtMs = nowMs + delayMs;
    return WAIT;
  }

  #place(): PlacementStep {
    this.#placeAtMs = undefined;
    this.#ordered = { above: this.#highest, queuedUntilMs: Number.POSITIVE_INFINITY };
    return { do: 'place', above: this.#highest };
  }
}
