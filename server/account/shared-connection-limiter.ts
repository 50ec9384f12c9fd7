/**
 * Shares the account's connections to the translation service among the interpreters of all rooms. A holder is notified when the time of
 * its reservation changes, and its reservations are released when it leaves.
 */

import type { ReplyData } from '@mediasoup-booth/protocol';
import {
  type ConnectionLimits,
  ConnectionScheduler,
  type ScheduledConnection,
} from '../../account/connection-scheduler.ts';
import type { ParticipantConnection } from '../room/participant.ts';

/** Counts what is granted and used, for metrics. */
export interface SessionCounts {
  connectionGranted(waitedMs: number): void;
  tokensUsed(tokens: number): void;
  throttled(): void;
}

/** Stores the connections of the last minute over a restart, because the service still counts them. Times are milliseconds since 1970. */
export interface ConnectionStore {
  /** The times saved before the restart, oldest first; some may be more than a minute old, or in the future. */
  readonly stored: readonly number[];
  save(times: readonly number[]): void;
}

export interface SharedConnectionLimiterOptions {
  limits: ConnectionLimits;
  nowMs(): number;
  counts: SessionCounts;
  store?: ConnectionStore | undefined;
}

export type ReservationHolder = Pick<ParticipantConnection, 'notify'>;

/** Who may connect to the service, and when: of one server, or of several that share an account. */
export interface ConnectionPermits {
  /** @throws {ApiError} `tooMany`, if too many reservations wait already */
  reserve(holder: ReservationHolder): ReplyData<'session.reserve'> | Promise<ReplyData<'session.reserve'>>;
  tokensUsed(tokens: number): void;
  /** The service asked for fewer requests: nobody connects for a minute. */
  throttled(): void;
  /** Releases all reservations of a holder that leaves; without any, nothing happens. */
  release(holder: ReservationHolder): void;
  /** How many reservations of this server wait for their time. */
  waiting(): number;
}

export class SharedConnectionLimiter implements ConnectionPermits {
  readonly #scheduler: ConnectionScheduler<ReservationHolder>;
  readonly #nowMs: () => number;
  readonly #counts: SessionCounts;
  readonly #store: ConnectionStore | undefined;

  constructor({ limits, nowMs, counts, store }: SharedConnectionLimiterOptions) {
    const sinceMs = nowMs() - Date.now();
    // Reservations in the future ended with the process that held them.
    const earlier = store?.stored.map((time) => time + sinceMs).filter((atMs) => atMs <= nowMs());
    this.#scheduler = new ConnectionScheduler(limits, {
      earlier: earlier ?? [],
      granted: ({ requestedMs: askedMs, atMs }) => counts.connectionGranted(atMs - askedMs),
    });
    this.#nowMs = nowMs;
    this.#counts = counts;
    this.#store = store;
  }

  /** @throws {ApiError} `tooMany`, if too many reservations wait already */
  reserve(holder: ReservationHolder): ReplyData<'session.reserve'> {
    const nowMs = this.#nowMs();
    const { id, atMs } = this.#scheduler.reserve(holder, nowMs);
    this.#save(nowMs);
    return { reservation: id, waitMs: waitMs(atMs, nowMs) };
  }

  tokensUsed(tokens: number): void {
    this.#counts.tokensUsed(tokens);
    this.#reschedule((nowMs) => this.#scheduler.tokensUsed(tokens, nowMs));
  }

  throttled(): void {
    this.#counts.throttled();
    this.#reschedule((nowMs) => this.#scheduler.throttled(nowMs));
  }

  /** Releases all reservations of a holder that leaves; without any, nothing happens. */
  release(holder: ReservationHolder): void {
    this.#reschedule((nowMs) => this.#scheduler.release(holder, nowMs));
  }

  /** How many reservations wait for their time. */
  waiting(): number {
    this.#scheduler.advance(this.#nowMs());
    return this.#scheduler.waiting;
  }

  #reschedule(change: (nowMs: number) => ScheduledConnection<ReservationHolder>[]): void {
    const nowMs = this.#nowMs();
    const moved = change(nowMs);
    if (moved.length > 0) this.#save(nowMs);
    for (const { id, holder, atMs } of moved)
      holder.notify('session.moved', { reservation: id, waitMs: waitMs(atMs, nowMs) });
  }

  #save(nowMs: number): void {
    const sinceMs = Date.now() - nowMs;
    this.#store?.save(this.#scheduler.times.map((atMs) => Math.round(atMs + sinceMs)));
  }
}

/** Whole milliseconds, rounded up so that nobody connects too early. */
const waitMs = (atMs: number, nowMs: number): number => Math.max(0, Math.ceil(atMs - nowMs));
