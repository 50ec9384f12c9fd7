/**
 * Who may open a connection to the translation service, and when. The service limits connections and tokens per minute for all
 * sessions of an account together, so everybody who shares the account asks one limiter before connecting. An interpreter asks the
 * server of its room (`room/remote-connection-limiter.ts`).
 */
import type { Model } from '../../config/models.ts';
import type { Clock } from '../../time/clock.ts';

/** Called with the new wait, in milliseconds from now, of a reserved connection that is not yet due: longer or shorter than before. */
export type OnWaitChanged = (waitMs: number) => void;

/**
 * @example
 * const waitMs = await limiter.reserve((changedMs) => restartTimer(changedMs));
 * // connect `waitMs` milliseconds later, then for each response:
 * limiter.tokensUsed(usage.total);
 */
export interface ConnectionLimiter {
  /**
   * Reserves the next free connection. A reservation counts as used once its time has come, whether or not a connection is made.
   * Whoever has waited longest is served first, across all interpreters of the account.
   * @returns milliseconds until the connection may be made
   * @throws when the limiter cannot be reached, and when too many reservations wait already
   */
  reserve(onWaitChanged?: OnWaitChanged): Promise<number>;
  /** Counts tokens that a session used, as the service reported them or estimated. */
  tokensUsed(tokens: number): void;
  /** The service asked for fewer requests: nobody connects for a minute. */
  throttled(): void;
}

/** The connection limiter of services without limits. */
export const unlimitedConnections: ConnectionLimiter = {
  reserve: async () => 0,
  tokensUsed: () => {},
  throttled: () => {},
};

/** A model without limits, such as the offline engine, does not use up the account's connections. */
export const connectionLimiterFor = (model: Pick<Model, 'limits'>, limiter: ConnectionLimiter): ConnectionLimiter =>
  model.limits ? limiter : unlimitedConnections;

interface Reservation {
  readonly holder: OnWaitChanged;
  readonly atMs: number;
}

/** Keeps count of connections and tokens. No timers: callers pass the time in. */
export interface ConnectionBudget {
  reserve(holder: OnWaitChanged, nowMs: number): Reservation;
  /** @returns the reservations whose time changed */
  tokensUsed(tokens: number, nowMs: number): readonly Reservation[];
  /** @returns the reservations whose time changed */
  throttled(nowMs: number): readonly Reservation[];
}

/**
 * The limiter of a process that has the account to itself.
 *
 * @example
 * const limiter = localConnectionLimiter(new ConnectionScheduler(limits), systemClock);
 */
export function localConnectionLimiter(budget: ConnectionBudget, clock: Clock): ConnectionLimiter {
  // In a turn of its own, so that nobody is notified before `reserve` has returned to them.
  const notify = (changed: readonly Reservation[]) => {
    for (const { holder, atMs } of changed) clock.after(0, () => holder(Math.max(0, atMs - clock.now())));
  };
  return {
    reserve: async (onWaitChanged = () => {}) => {
      const now = clock.now();
      return budget.reserve(onWaitChanged, now).atMs - now;
    },
    tokensUsed: (tokens) => notify(budget.tokensUsed(tokens, clock.now())),
    throttled: () => notify(budget.throttled(clock.now())),
  };
}
