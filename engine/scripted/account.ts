/**
 * What the vendor lets one account do, over all of its sessions: connections and tokens in any 60 s. A connection that is
 * turned away does not count.
 */
import { SlidingWindow } from './sliding-window.ts';

const MINUTE_MS = 60_000;

export class VendorAccount {
  readonly #limits: { connectionsPerMinute: number; tokensPerMinute: number };
  /** At most as many as are allowed in a minute. */
  readonly #connectedAtMs: number[] = [];
  readonly #tokens = new SlidingWindow();
  peaks = { connectionsPerMinute: 0, tokensPerMinute: 0 };

  constructor(limits: { connectionsPerMinute: number; tokensPerMinute: number }) {
    this.#limits = limits;
  }

  /** False: it is one too many. */
  connect(nowMs: number): boolean {
    while (this.#connectedAtMs[0] !== undefined && this.#connectedAtMs[0] <= nowMs - MINUTE_MS) {
      this.#connectedAtMs.shift();
    }
    if (this.#connectedAtMs.length >= this.#limits.connectionsPerMinute) return false;
    this.#connectedAtMs.push(nowMs);
    this.peaks.connectionsPerMinute = Math.max(this.peaks.connectionsPerMinute, this.#connectedAtMs.length);
    return true;
  }

  /** False: that was too much. */
  spend(tokens: number, nowMs: number): boolean {
    this.#tokens.add(tokens, nowMs);
    const spent = this.#tokens.total(nowMs);
    this.peaks.tokensPerMinute = Math.max(this.peaks.tokensPerMinute, Math.ceil(spent));
    return spent <= this.#limits.tokensPerMinute;
  }

  mayStart(nowMs: number): boolean {
    return this.#tokens.total(nowMs) <= this.#limits.tokensPerMinute;
  }
}
