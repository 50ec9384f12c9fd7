/**
 * The account's budget, as whoever opens sessions sees it: the service counts connections and tokens by the minute, for all
 * sessions of a key together. Whoever shares a key asks one granter; an interpreter's is its room's server.
 */
import type { Model } from '../../config/models.ts';
import type { Clock } from '../../time/clock.ts';

/** Told the new wait, in ms from now, of a connection that is booked and not yet due: it may lie later, or earlier. */
export type OnWaitChanged = (waitMs: number) => void;

export interface ConnectionLimiter {
  /**
   * Books the next connection that is free: settles with how long to wait until it may be made, in ms. Once that is over it is
   * spent. Longest waiting is served first, across all interpreters of the account.
   * @throws where the granter cannot be reached, and where too many wait already
   */
  connect(moved?: OnWaitChanged): Promise<number>;
  /** Tokens that were used (reported or estimated). */
  used(tokens: number): void;
  /** The service asked for fewer requests: nobody connects for a while. */
  throttled(): void;
}

/** For services that count nothing. */
export const unlimitedConnections: ConnectionLimiter = {
  connect: async () => 0,
  used: () => {},
  throttled: () => {},
};

/** A model without limits, as the offline engine, needs none of the account's permits. */
export const connectionLimiterFor = (model: Pick<Model, 'limits'>, permits: ConnectionLimiter): ConnectionLimiter =>
  model.limits ? permits : unlimitedConnections;

interface Booking {
  readonly holder: OnWaitChanged;
  readonly atMs: number;
}

/** What keeps count; its callers pass the time in. */
export interface ConnectionBudget {
  book(holder: OnWaitChanged, nowMs: number): Booking;
  /** These two return the bookings that have moved. */
  used(tokens: number, nowMs: number): readonly Booking[];
  throttled(nowMs: number): readonly Booking[];
}

/** The granter of one who has the account to themselves. */
export function localConnectionLimiter(budget: ConnectionBudget, clock: Clock): ConnectionLimiter {
  // In a turn of its own: nobody hears that a booking moved before they know of it.
  const tell = (bookings: readonly Booking[]) => {
    for (const { holder, atMs } of bookings) clock.after(0, () => holder(Math.max(0, atMs - clock.now())));
  };
  return {
    connect: async (moved = () => {}) => {
      const now = clock.now();
      return budget.book(moved, now).atMs - now;
    },
    used: (tokens) => tell(budget.used(tokens, clock.now())),
    throttled: () => tell(budget.throttled(clock.now())),
  };
}
