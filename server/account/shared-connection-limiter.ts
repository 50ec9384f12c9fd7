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
import type { ParticipantConnection } from '../room/participant.ts';

/** Who counts what is granted and used. */
export interface SessionCounts {
  connectionGranted(waitedMs: number): void;
  tokensUsed(tokens: number): void;
  throttled(): void;
}

/** Carries the connections of the last minute over a restart: the service still counts them. Times are milliseconds since 1970. */
export interface ConnectionStore {
  /** Those that are remembered, oldest first; some may be old, or were never made. */
  readonly stored: readonly number[];
  save(times: readonly number[]): void;
}

export interface SharedConnectionLimiterOptions {
  limits: ConnectionLimits;
  nowMs(): number;
  counts: SessionCounts;
  store?: ConnectionStore | undefined;
}

type Holder = Pick<ParticipantConnection, 'notify'>;

export class SharedConnectionLimiter {
  readonly #scheduler: ConnectionScheduler<Holder>;
  readonly #nowMs: () => number;
  readonly #counts: SessionCounts;
  readonly #store: ConnectionStore | undefined;

  constructor({ limits, nowMs, counts, store: memory }: SharedConnectionLimiterOptions) {
    const sinceMs = nowMs() - Date.now();
    // Those that were still to come went with who had booked them.
    const earlier = memory?.stored.map((time) => time + sinceMs).filter((atMs) => atMs <= nowMs());
    this.#scheduler = new ConnectionScheduler(limits, {
      earlier: earlier ?? [],
      granted: ({ requestedMs: askedMs, atMs }) => counts.connectionGranted(atMs - askedMs),
    });
    this.#nowMs = nowMs;
    this.#counts = counts;
    this.#store = memory;
  }

  /** @throws {ApiError} where too many wait */
  reserve(holder: Holder): ReplyData<'session.permit'> {
    const nowMs = this.#nowMs();
    const { id, atMs } = this.#scheduler.reserve(holder, nowMs);
    this.#save(nowMs);
    return { booking: id, waitMs: wait(atMs, nowMs) };
  }

  tokensUsed(tokens: number): void {
    this.#counts.tokensUsed(tokens);
    this.#reschedule((nowMs) => this.#scheduler.tokensUsed(tokens, nowMs));
  }

  throttled(): void {
    this.#counts.throttled();
    this.#reschedule((nowMs) => this.#scheduler.throttled(nowMs));
  }

  /** Whoever has booked nothing has nothing to give. */
  release(holder: Holder): void {
    this.#reschedule((nowMs) => this.#scheduler.release(holder, nowMs));
  }

  /** How many connections are booked and not yet due. */
  waiting(): number {
    this.#scheduler.advance(this.#nowMs());
    return this.#scheduler.waiting;
  }

  #reschedule(change: (nowMs: number) => ScheduledConnection<Holder>[]): void {
    const nowMs = this.#nowMs();
    const moved = change(nowMs);
    if (moved.length > 0) this.#save(nowMs);
    for (const { id, holder, atMs } of moved)
      holder.notify('session.moved', { booking: id, waitMs: wait(atMs, nowMs) });
  }

  #save(nowMs: number): void {
    const sinceMs = Date.now() - nowMs;
    this.#store?.save(this.#scheduler.times.map((atMs) => Math.round(atMs + sinceMs)));
  }
}

/** Whole milliseconds, never too few. */
const wait = (atMs: number, nowMs: number): number => Math.max(0, Math.ceil(atMs - nowMs));
