/**
 * Grants the account's connections to the translation service to the interpreters of every room. Each is told when what it has
 * booked moves, and gives it back when it leaves.
 */

import {
  type ConnectionLimits,
  ConnectionScheduler,
  type ScheduledConnection,
} from '../../account/connection-scheduler.ts';
import type { ReplyData } from '../../protocol/signalling.ts';
import type { Peer } from '../room/participant.ts';

/** Who counts what is granted and used. */
export interface SessionCounts {
  connectionGranted(waitedMs: number): void;
  tokensUsed(tokens: number): void;
  throttled(): void;
}

/** Carries the connections of the last minute over a restart: the service still counts them. Times are milliseconds since 1970. */
export interface ConnectionStore {
  /** Those that are remembered, oldest first; some may be old, or were never made. */
  readonly earlier: readonly number[];
  keep(times: readonly number[]): void;
}

export interface SharedConnectionLimiterOptions {
  limits: ConnectionLimits;
  nowMs(): number;
  counts: SessionCounts;
  memory?: ConnectionStore | undefined;
}

type Holder = Pick<Peer, 'notify'>;

export class SharedConnectionLimiter {
  readonly #budget: ConnectionScheduler<Holder>;
  readonly #nowMs: () => number;
  readonly #counts: SessionCounts;
  readonly #memory: ConnectionStore | undefined;

  constructor({ limits, nowMs, counts, memory }: SharedConnectionLimiterOptions) {
    const sinceMs = nowMs() - Date.now();
    // Those that were still to come went with who had booked them.
    const earlier = memory?.earlier.map((time) => time + sinceMs).filter((atMs) => atMs <= nowMs());
    this.#budget = new ConnectionScheduler(limits, {
      earlier: earlier ?? [],
      granted: ({ askedMs, atMs }) => counts.connectionGranted(atMs - askedMs),
    });
    this.#nowMs = nowMs;
    this.#counts = counts;
    this.#memory = memory;
  }

  /** @throws {ApiError} where too many wait */
  book(holder: Holder): ReplyData<'session.permit'> {
    const nowMs = this.#nowMs();
    const { id, atMs } = this.#budget.book(holder, nowMs);
    this.#remember(nowMs);
    return { booking: id, waitMs: wait(atMs, nowMs) };
  }

  used(tokens: number): void {
    this.#counts.tokensUsed(tokens);
    this.#tell((nowMs) => this.#budget.used(tokens, nowMs));
  }

  throttled(): void {
    this.#counts.throttled();
    this.#tell((nowMs) => this.#budget.throttled(nowMs));
  }

  /** Whoever has booked nothing has nothing to give. */
  giveBack(holder: Holder): void {
    this.#tell((nowMs) => this.#budget.giveBack(holder, nowMs));
  }

  /** How many connections are booked and not yet due. */
  waiting(): number {
    this.#budget.settle(this.#nowMs());
    return this.#budget.waiting;
  }

  #tell(change: (nowMs: number) => ScheduledConnection<Holder>[]): void {
    const nowMs = this.#nowMs();
    const moved = change(nowMs);
    if (moved.length > 0) this.#remember(nowMs);
    for (const { id, holder, atMs } of moved)
      holder.notify('session.moved', { booking: id, waitMs: wait(atMs, nowMs) });
  }

  #remember(nowMs: number): void {
    const sinceMs = Date.now() - nowMs;
    this.#memory?.keep(this.#budget.times.map((atMs) => Math.round(atMs + sinceMs)));
  }
}

/** Whole milliseconds, never too few. */
const wait = (atMs: number, nowMs: number): number => Math.max(0, Math.ceil(atMs - nowMs));
