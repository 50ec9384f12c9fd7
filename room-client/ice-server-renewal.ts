/**
 * Gets new passwords for the TURN servers of a transport before the old ones end, so that a path through a TURN server lasts longer than a
 * password, and a restart of ICE finds one that is good.
 *
 * A renewal that fails is tried again until it succeeds, every minute at the most.
 */
import type { Clock } from '../time/clock.ts';
import type { RenewedIceServers } from './media-signalling.ts';

/** Of a password's lifetime: the rest is for attempts that fail. */
const RENEWED_AFTER = 0.75;
const MIN_PAUSE_MS = 1_000;
const RETRY_MS = 60_000;

interface IceServerRenewalOptions {
  clock: Clock;
  renew(): Promise<RenewedIceServers>;
  /** Takes the new servers into use. */
  apply(iceServers: RTCIceServer[]): Promise<void>;
}

export class IceServerRenewal {
  readonly #options: IceServerRenewalOptions;
  #cancelTimer: (() => void) | undefined;
  #closed = false;

  /** @param expiresInMs undefined: the passwords do not end, and nothing is renewed */
  constructor(expiresInMs: number | undefined, options: IceServerRenewalOptions) {
    this.#options = options;
    this.#schedule(expiresInMs);
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
  }

  #schedule(expiresInMs: number | undefined): void {
    if (expiresInMs !== undefined) this.#renewAfter(expiresInMs * RENEWED_AFTER);
  }

  #renewAfter(ms: number): void {
    if (this.#closed) return;
    this.#cancelTimer = this.#options.clock.after(Math.max(ms, MIN_PAUSE_MS), () => void this.#renew());
  }

  async #renew(): Promise<void> {
    try {
      const { iceServers, iceServersExpireInMs } = await this.#options.renew();
      if (this.#closed) return;
      await this.#options.apply(iceServers);
      this.#schedule(iceServersExpireInMs);
    } catch {
      // Meanwhile the transport goes on with the password that it has.
      this.#renewAfter(RETRY_MS);
    }
  }
}
