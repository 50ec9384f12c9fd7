/** Slows down who tries invites: after 20 wrong attempts, one in 5 s. Remembers at most 1000 addresses, the oldest goes. */

import { limits } from '../limits.ts';
import { TokenBucket } from '../token-bucket.ts';

export class JoinRateLimiter {
  readonly #buckets = new Map<string, TokenBucket>();

  mayTry(address: string, nowMs: number): boolean {
    return this.#buckets.get(address)?.has(nowMs) ?? true;
  }

  failed(address: string, nowMs: number): void {
    const allowance = this.#buckets.get(address) ?? new TokenBucket(limits.failedJoins, nowMs);
    allowance.take(nowMs);
    this.#buckets.set(address, allowance);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > limits.failedJoinAddresses && oldest !== undefined) this.#buckets.delete(oldest);
  }
}
