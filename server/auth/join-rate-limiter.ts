/** Slows down whoever guesses invites: after 20 wrong attempts, an address may try once in 5 s. Knows at most 1000 addresses. */
import { BoundedMap } from '../../collections/bounded-map.ts';
import { limits } from '../limits.ts';
import { TokenBucket } from '../token-bucket.ts';

export class JoinRateLimiter {
  readonly #buckets = new BoundedMap<string, TokenBucket>(limits.failedJoinAddresses);

  mayTry(address: string, nowMs: number): boolean {
    return this.#buckets.get(address)?.has(nowMs) ?? true;
  }

  failed(address: string, nowMs: number): void {
    const bucket = this.#buckets.get(address) ?? new TokenBucket(limits.failedJoins, nowMs);
    bucket.take(nowMs);
    this.#buckets.set(address, bucket);
  }
}
