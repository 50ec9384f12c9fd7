/** Slows down who tries invites: after 20 wrong attempts, one in 5 s. Remembers at most 1000 addresses, the oldest goes. */

import { limits } from '../limits.ts';
import { TokenBucket } from '../token-bucket.ts';

export class JoinRateLimiter {
  readonly #allowances = new Map<string, TokenBucket>();

  mayTry(address: string, nowMs: number): boolean {
    return this.#allowances.get(address)?.has(nowMs) ?? true;
  }

  failed(address: string, nowMs: number): void {
    const allowance = this.#allowances.get(address) ?? new TokenBucket(limits.failedJoins, nowMs);
    allowance.take(nowMs);
    this.#allowances.set(address, allowance);
    const [oldest] = this.#allowances.keys();
    if (this.#allowances.size > limits.failedJoinAddresses && oldest !== undefined) this.#allowances.delete(oldest);
  }
}
