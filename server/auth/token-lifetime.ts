/**
 * Follows the token of somebody who is in a room until it ends: some minutes before, it is renewed if what it was issued from is still
 * valid, else its holder is told; at the end they leave. Cancelled when they leave sooner.
 */
import type { Claims } from '@mediasoup-booth/protocol';
import type { Clock } from '../../time/clock.ts';

/** The holder is told this long before the end, or for the last tenth of a short token. */
const NOTICE_SECONDS = 300;
/** A computer that slept is checked this often; timers cannot wait for 31 days either. */
const LONGEST_WAIT_MS = 3_600_000;

export const EXPIRED_MESSAGE = 'your access to this room has ended: ask the host for a new invite';

export interface TokenLifetimeOptions {
  clock: Clock;
  /** Milliseconds since 1970. */
  wallNow(): number;
  /** The claims of the token that takes the place of this one, and is given to the holder; undefined: it is not renewed. */
  renew(claims: Claims): Claims | undefined;
  /** Called once for each token that ends soon. @param expires seconds since 1970 */
  onExpiring(expires: number): void;
  onExpired(): void;
}

export class TokenLifetime {
  readonly #options: TokenLifetimeOptions;
  #claims: Claims;
  #noticed = false;
  #cancelTimer = (): void => {};

  constructor(claims: Claims, options: TokenLifetimeOptions) {
    this.#options = options;
    this.#claims = claims;
    this.#check();
  }

  /** The holder has another token for the same rights. @returns whether it takes the place of the one before: one that ends sooner does not */
  replace(claims: Claims): boolean {
    const { exp } = this.#claims;
    if (claims.exp < exp) return false;
    this.#claims = claims;
    if (claims.exp > exp) {
      this.#noticed = false;
      this.#check();
    }
    return true;
  }

  cancel(): void {
    this.#cancelTimer();
  }

  #check(): void {
    this.#cancelTimer();
    const { wallNow, renew, onExpiring, onExpired, clock } = this.#options;
    const leftMs = this.#claims.exp * 1000 - wallNow();
    if (leftMs <= 0) {
      onExpired();
      return;
    }
    if (leftMs <= this.#noticeMs && !this.#noticed) {
      const renewed = renew(this.#claims);
      if (renewed) {
        this.replace(renewed);
        return;
      }
      this.#noticed = true;
      onExpiring(this.#claims.exp);
    }
    const untilMs = this.#noticed ? leftMs : leftMs - this.#noticeMs;
    this.#cancelTimer = clock.after(Math.min(Math.ceil(untilMs), LONGEST_WAIT_MS), () => this.#check());
  }

  get #noticeMs(): number {
    const { iat, exp } = this.#claims;
    return Math.min(NOTICE_SECONDS, (exp - iat) / 10) * 1000;
  }
}
