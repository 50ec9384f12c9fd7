/**
 * Schedules the connections that one account makes to a translation service.
 *
 * Hard requirements: in no 60 s more connections than the limit, none within 1 s of another (where the limit is over 60: within its share
 * of a minute), in the order of reservation; and none while the tokens of the last 60 s leave no room for another session. A reservation
 * counts as used once its time has come. Until then its time may change: the service throttles, tokens are used, or an earlier reservation
 * is released. At most as many reservations wait as there are connections in a minute, and 64 where these are fewer.
 * No timers: callers pass the time in, and it never goes back.
 */
import { ApiError } from '@mediasoup-booth/protocol';
import { z } from 'zod';

export interface ConnectionLimits {
  connectionsPerMinute: number;
  tokensPerMinute: number;
}

/** A reserved connection. `H` identifies who holds the reservation. */
export interface ScheduledConnection<H> {
  readonly id: number;
  readonly holder: H;
  readonly requestedMs: number;
  /** When the connection may be made; from then on the reservation counts as used. */
  readonly atMs: number;
}

const Time = z.number();

/** A schedule as several servers share it, whose holders are texts. */
export const SchedulerState = z.object({
  used: z.array(Time),
  waiting: z.array(z.object({ id: z.int(), holder: z.string(), requestedMs: Time, atMs: Time })),
  reports: z.array(z.object({ atMs: Time, tokens: z.number() })),
  /** Absent: nobody has to wait for that. */
  throttledUntilMs: Time.optional(),
  nextId: z.int(),
});
export type SchedulerState = z.infer<typeof SchedulerState>;

type MutableConnection<H> = ScheduledConnection<H> & { atMs: number };

/** One second more than the vendor's minute, because a connection reaches the service a little after its time has come. */
const MINUTE_MS = 61_000;
const MAX_SPACING_MS = 1000;
const THROTTLED_MS = 60_000;
const MIN_BOUND_OF_WAITING = 64;
/** The tokens that a session may use in its first minute, before it reports any: speech in both directions, with its texts. */
const TOKENS_PER_SESSION = 2000;
/** Token reports within one second are merged: at most 62 are kept. */
const REPORTS_WITHIN_MS = 1000;

export class ConnectionScheduler<H> {
  readonly #limits: ConnectionLimits;
  readonly #spacingMs: number;
  readonly #maxWaiting: number;
  readonly #granted: (reservation: ScheduledConnection<H>) => void;
  /** The times of the connections that were used in the last minute, oldest first. */
  #used: number[];
  /** Reservations whose time has not come, in the order in which they were made, which is also that of their times. */
  #waiting: MutableConnection<H>[] = [];
  #reports: { atMs: number; tokens: number }[] = [];
  #throttledUntilMs = Number.NEGATIVE_INFINITY;
  #nextId = 1;

  /**
   * @param earlier the times of connections made before, oldest first
   * @param granted called once for each reservation, when its time has come
   */
  constructor(
    limits: ConnectionLimits,
    {
      earlier = [],
      granted = () => {},
      state,
    }: {
      earlier?: readonly number[];
      granted?: (reservation: ScheduledConnection<H>) => void;
      state?: (Omit<SchedulerState, 'waiting'> & { waiting: MutableConnection<H>[] }) | undefined;
    } = {},
  ) {
    this.#limits = limits;
    this.#spacingMs = Math.min(MAX_SPACING_MS, MINUTE_MS / limits.connectionsPerMinute);
    this.#maxWaiting = Math.max(MIN_BOUND_OF_WAITING, limits.connectionsPerMinute);
    this.#used = [...earlier];
    this.#granted = granted;
    if (!state) return;
    this.#used = state.used;
    this.#waiting = state.waiting;
    this.#reports = state.reports;
    this.#throttledUntilMs = state.throttledUntilMs ?? Number.NEGATIVE_INFINITY;
    this.#nextId = state.nextId;
  }

  /** All of the schedule, from which another scheduler goes on. */
  get state(): Omit<SchedulerState, 'waiting'> & { waiting: ScheduledConnection<H>[] } {
    return {
      used: this.#used,
      waiting: this.#waiting,
      reports: this.#reports,
      ...(Number.isFinite(this.#throttledUntilMs) && { throttledUntilMs: this.#throttledUntilMs }),
      nextId: this.#nextId,
    };
  }

  /** @throws {ApiError} `tooMany`, if too many reservations wait already */
  reserve(holder: H, nowMs: number): ScheduledConnection<H> {
    this.advance(nowMs);
    if (this.#waiting.length >= this.#maxWaiting)
      throw new ApiError(
        'tooMany',
        `${this.#maxWaiting} connections to the translation service wait for their turn already, of which there are ${this.#limits.connectionsPerMinute} a minute: ask again in a minute`,
      );
    const reservation: MutableConnection<H> = {
      id: this.#nextId++,
      holder,
      requestedMs: nowMs,
      atMs: this.#earliest(this.times, nowMs),
    };
    this.#waiting.push(reservation);
    this.advance(nowMs);
    return reservation;
  }

  /** Counts tokens that a session used. @returns the reservations whose time changed */
  tokensUsed(tokens: number, nowMs: number): ScheduledConnection<H>[] {
    this.advance(nowMs);
    const last = this.#reports.at(-1);
    if (last && nowMs - last.atMs < REPORTS_WITHIN_MS) last.tokens += tokens;
    else this.#reports.push({ atMs: nowMs, tokens });
    return this.#reschedule(nowMs);
  }

  /** The service asked for fewer requests: nobody connects for 60 s. @returns the reservations whose time changed */
  throttled(nowMs: number): ScheduledConnection<H>[] {
    this.advance(nowMs);
    this.#throttledUntilMs = nowMs + THROTTLED_MS;
    return this.#reschedule(nowMs);
  }

  /** Removes the reservations of `holder` whose time has not come. @returns the reservations of others whose time changed */
  release(holder: H, nowMs: number): ScheduledConnection<H>[] {
    this.advance(nowMs);
    this.#waiting = this.#waiting.filter((reservation) => reservation.holder !== holder);
    return this.#reschedule(nowMs);
  }

  /** Removes reservations by their ids. @returns the reservations of others whose time changed */
  releaseIds(ids: readonly number[], nowMs: number): ScheduledConnection<H>[] {
    this.advance(nowMs);
    this.#waiting = this.#waiting.filter(({ id }) => !ids.includes(id));
    return this.#reschedule(nowMs);
  }

  /** Counts connections at these times that the schedule does not know. @returns the reservations whose time changed */
  include(times: readonly number[], nowMs: number): ScheduledConnection<H>[] {
    this.advance(nowMs);
    const known = new Set(this.times.map(Math.round));
    const missing = times.filter((atMs) => counts(atMs, nowMs) && !known.has(Math.round(atMs)));
    this.#used = [...this.#used, ...missing].sort((a, b) => a - b);
    return this.#reschedule(nowMs);
  }

  /** Counts reservations as used whose time has come, and drops what is older than a minute. */
  advance(nowMs: number): void {
    const due = this.#waiting.filter(({ atMs }) => atMs <= nowMs);
    this.#waiting.splice(0, due.length);
    this.#used = [...this.#used, ...due.map(({ atMs }) => atMs)].filter((atMs) => counts(atMs, nowMs));
    this.#reports = this.#reports.filter(({ atMs }) => counts(atMs, nowMs));
    for (const reservation of due) this.#granted(reservation);
  }

  /** How many reservations wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** The times of the connections that count, used and reserved, in order. */
  get times(): number[] {
    return [...this.#used, ...this.#waiting.map(({ atMs }) => atMs)];
  }

  #reschedule(nowMs: number): ScheduledConnection<H>[] {
    const times = [...this.#used];
    const moved: ScheduledConnection<H>[] = [];
    for (const reservation of this.#waiting) {
      const atMs = this.#earliest(times, nowMs);
      times.push(atMs);
      if (atMs === reservation.atMs) continue;
      reservation.atMs = atMs;
      moved.push(reservation);
    }
    this.advance(nowMs);
    return moved;
  }

  /** When the next connection may be made after those at `times`. */
  #earliest(times: readonly number[], nowMs: number): number {
    const { connectionsPerMinute } = this.#limits;
    const spaced = (times.at(-1) ?? Number.NEGATIVE_INFINITY) + this.#spacingMs;
    const first = times.at(-connectionsPerMinute);
    const windowMs = times.length >= connectionsPerMinute && first !== undefined ? first + MINUTE_MS : nowMs;
    const fromMs = Math.max(nowMs, spaced, windowMs, this.#throttledUntilMs);
    return this.#leavesRoom(times, fromMs) ? fromMs : this.#roomAfter(times, fromMs);
  }

  /** The first time after `fromMs` at which enough tokens and connections are more than a minute old. */
  #roomAfter(times: readonly number[], fromMs: number): number {
    const expiries = [...times, ...this.#reports.map(({ atMs }) => atMs)].map((atMs) => atMs + MINUTE_MS);
    const later = expiries.filter((atMs) => atMs > fromMs).sort((a, b) => a - b);
    return later.find((atMs) => this.#leavesRoom(times, atMs)) ?? fromMs;
  }

  #leavesRoom(times: readonly number[], atMs: number): boolean {
    const used = this.#reports.reduce((sum, report) => sum + (counts(report.atMs, atMs) ? report.tokens : 0), 0);
    const sessions = 1 + times.filter((time) => counts(time, atMs)).length;
    return used + sessions * TOKENS_PER_SESSION <= this.#limits.tokensPerMinute;
  }
}

const counts = (atMs: number, nowMs: number): boolean => atMs > nowMs - MINUTE_MS;
