/**
 * The vendor's limits for one account, over all of its sessions: connections and tokens in any 60 s. A connection that is throttled does
 * not count.
 */

const MINUTE_MS = 60_000;

const STEP_MS = 1000;

/** A sum over the last 60 s, in steps of one second: it holds at most 61 numbers. */
class SlidingWindow {
  readonly #steps: { fromMs: number; amount: number }[] = [];

  add(amount: number, nowMs: number): void {
    const fromMs = Math.floor(nowMs / STEP_MS) * STEP_MS;
    const newest = this.#steps.at(-1);
    if (newest?.fromMs === fromMs) newest.amount += amount;
    else this.#steps.push({ fromMs, amount });
  }

  total(nowMs: number): number {
    while (this.#steps[0] && this.#steps[0].fromMs <= nowMs - MINUTE_MS) this.#steps.shift();
    return this.#steps.reduce((sum, { amount }) => sum + amount, 0);
  }
}

export class VendorAccount {
  readonly #limits: { connectionsPerMinute: number; tokensPerMinute: number };
  /** The connections of the last minute, at most as many as are allowed. */
  readonly #connectedAtMs: number[] = [];
  readonly #tokens = new SlidingWindow();
  peaks = { connectionsPerMinute: 0, tokensPerMinute: 0 };

  constructor(limits: { connectionsPerMinute: number; tokensPerMinute: number }) {
    this.#limits = limits;
  }

  /** @returns false if the connection exceeds the limit */
  connect(nowMs: number): boolean {
    while (this.#connectedAtMs[0] !== undefined && this.#connectedAtMs[0] <= nowMs - MINUTE_MS) {
      this.#connectedAtMs.shift();
    }
    if (this.#connectedAtMs.length >= this.#limits.connectionsPerMinute) return false;
    this.#connectedAtMs.push(nowMs);
    this.peaks.connectionsPerMinute = Math.max(this.peaks.connectionsPerMinute, this.#connectedAtMs.length);
    return true;
  }

  /** @returns false if the tokens exceed the limit */
  useTokens(tokens: number, nowMs: number): boolean {
    this.#tokens.add(tokens, nowMs);
    const used = this.#tokens.total(nowMs);
    this.peaks.tokensPerMinute = Math.max(this.peaks.tokensPerMinute, Math.ceil(used));
    return used <= this.#limits.tokensPerMinute;
  }

  /** Whether the tokens used leave room for another session. */
  mayStart(nowMs: number): boolean {
    return this.#tokens.total(nowMs) <= this.#limits.tokensPerMinute;
  }
}
