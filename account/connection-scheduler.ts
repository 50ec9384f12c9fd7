/**
 * What one account may use of a translation service: in no 60 s more connections than allowed, nor closer than 1 s, in the
 * order in which they were asked for; and none while the tokens of the last 60 s leave no room for another session. A booking
 * that has fallen due is spent; until then it moves with what becomes known: the service throttles, tokens are used, somebody
 * ahead gives theirs back. At most 64 wait. Pure: time is passed in, and never goes back.
 */
import { ApiError } from '../protocol/api-error.ts';

export interface ConnectionLimits {
  connectionsPerMinute: number;
  tokensPerMinute: number;
}

/** A connection that somebody may make. */
export interface ScheduledConnection<H> {
  readonly id: number;
  readonly holder: H;
  readonly requestedMs: number;
  /** From when on; it is spent then. */
  readonly atMs: number;
}

type MutableConnection<H> = ScheduledConnection<H> & { atMs: number };

/** One second more than the vendor's minute: a connection reaches the service a little after it fell due. */
const MINUTE_MS = 61_000;
const SPACING_MS = 1000;
const SHUT_MS = 60_000;
const MOST_WAITING = 64;
/** What a session may use in its first minute, before that shows: speech both ways, with its texts. */
const TOKENS_PER_SESSION = 2000;
/** Reports of one second count as one: at most 62 are kept. */
const REPORTS_WITHIN_MS = 1000;

export class ConnectionScheduler<H> {
  readonly #limits: ConnectionLimits;
  readonly #granted: (booking: ScheduledConnection<H>) => void;
  /** When the connections of the last minute fell due, oldest first. */
  #spent: number[];
  /** Booked and not yet due, in the order of asking, which is that of their times. */
  #waiting: MutableConnection<H>[] = [];
  #reports: { atMs: number; tokens: number }[] = [];
  #shutUntilMs = Number.NEGATIVE_INFINITY;
  #nextId = 1;

  /**
   * @param earlier when connections were made before, oldest first
   * @param granted called for each booking that has fallen due, when that is noticed
   */
  constructor(
    limits: ConnectionLimits,
    {
      earlier = [],
      granted = () => {},
    }: { earlier?: readonly number[]; granted?: (booking: ScheduledConnection<H>) => void } = {},
  ) {
    this.#limits = limits;
    this.#spent = [...earlier];
    this.#granted = granted;
  }

  /** @throws {ApiError} where too many wait */
  reserve(holder: H, nowMs: number): ScheduledConnection<H> {
    this.advance(nowMs);
    if (this.#waiting.length >= MOST_WAITING)
      throw new ApiError(
        'tooMany',
        `${MOST_WAITING} connections to the translation service wait for their turn already, of which there are ${this.#limits.connectionsPerMinute} a minute: ask again in a minute`,
      );
    const booking: MutableConnection<H> = {
      id: this.#nextId++,
      holder,
      requestedMs: nowMs,
      atMs: this.#earliest(this.times, nowMs),
    };
    this.#waiting.push(booking);
    this.advance(nowMs);
    return booking;
  }

  /** @returns the bookings that have moved */
  tokensUsed(tokens: number, nowMs: number): ScheduledConnection<H>[] {
    this.advance(nowMs);
    const last = this.#reports.at(-1);
    if (last && nowMs - last.atMs < REPORTS_WITHIN_MS) last.tokens += tokens;
    else this.#reports.push({ atMs: nowMs, tokens });
    return this.#reschedule(nowMs);
  }

  /** The service asked for fewer requests: nobody connects for 60 s. @returns the bookings that have moved */
  throttled(nowMs: number): ScheduledConnection<H>[] {
    this.advance(nowMs);
    this.#shutUntilMs = nowMs + SHUT_MS;
    return this.#reschedule(nowMs);
  }

  /** Takes back what `holder` has booked and is not yet due. @returns the bookings of others that have moved */
  release(holder: H, nowMs: number): ScheduledConnection<H>[] {
    this.advance(nowMs);
    this.#waiting = this.#waiting.filter((booking) => booking.holder !== holder);
    return this.#reschedule(nowMs);
  }

  /** What has fallen due is spent, and what is older than a minute forgotten. */
  advance(nowMs: number): void {
    const due = this.#waiting.filter(({ atMs }) => atMs <= nowMs);
    this.#waiting.splice(0, due.length);
    this.#spent = [...this.#spent, ...due.map(({ atMs }) => atMs)].filter((atMs) => counts(atMs, nowMs));
    this.#reports = this.#reports.filter(({ atMs }) => counts(atMs, nowMs));
    for (const booking of due) this.#granted(booking);
  }

  /** How many have booked and wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Of the connections that count, those to come included, in order. */
  get times(): number[] {
    return [...this.#spent, ...this.#waiting.map(({ atMs }) => atMs)];
  }

  #reschedule(nowMs: number): ScheduledConnection<H>[] {
    const times = [...this.#spent];
    const moved: ScheduledConnection<H>[] = [];
    for (const booking of this.#waiting) {
      const atMs = this.#earliest(times, nowMs);
      times.push(atMs);
      if (atMs === booking.atMs) continue;
      booking.atMs = atMs;
      moved.push(booking);
    }
    this.advance(nowMs);
    return moved;
  }

  /** When the next connection may be made after those at `times`. */
  #earliest(times: readonly number[], nowMs: number): number {
    const { connectionsPerMinute } = this.#limits;
    const spaced = (times.at(-1) ?? Number.NEGATIVE_INFINITY) + SPACING_MS;
    const first = times.at(-connectionsPerMinute);
    const windowMs = times.length >= connectionsPerMinute && first !== undefined ? first + MINUTE_MS : nowMs;
    const fromMs = Math.max(nowMs, spaced, windowMs, this.#shutUntilMs);
    return this.#leavesRoom(times, fromMs) ? fromMs : this.#roomAfter(times, fromMs);
  }

  /** The first moment after `fromMs` at which enough is forgotten; everything is, at last. */
  #roomAfter(times: readonly number[], fromMs: number): number {
    const forgotten = [...times, ...this.#reports.map(({ atMs }) => atMs)].map((atMs) => atMs + MINUTE_MS);
    const later = forgotten.filter((atMs) => atMs > fromMs).sort((a, b) => a - b);
    return later.find((atMs) => this.#leavesRoom(times, atMs)) ?? fromMs;
  }

  #leavesRoom(times: readonly number[], atMs: number): boolean {
    const used = this.#reports.reduce((sum, report) => sum + (counts(report.atMs, atMs) ? report.tokens : 0), 0);
    const sessions = 1 + times.filter((time) => counts(time, atMs)).length;
    return used + sessions * TOKENS_PER_SESSION <= this.#limits.tokensPerMinute;
  }
}

const counts = (atMs: number, nowMs: number): boolean => atMs > nowMs - MINUTE_MS;
