/**
 * Slows down whoever guesses: an address that has shown 20 invites, codes or credentials which this server never gave out is told only
 * once in 5 s what was wrong with the next. What is good is admitted first and never counted, so that nobody is kept out by what others
 * behind the same proxy do. Knows at most 1000 addresses.
 */

import { ApiError, type ApiErrorCode } from '@mediasoup-booth/protocol';
import { BoundedMap } from '../../collections/bounded-map.ts';
import { limits } from '../limits.ts';
import { TokenBucket } from '../token-bucket.ts';

/** Whoever has one that was revoked, or is for another room, guesses nothing, and is often one of many behind one address. */
const guesses: ReadonlySet<ApiErrorCode> = new Set([
  'badToken',
  'unsignedToken',
  'forgedToken',
  'signInExpired',
  'signedOut',
]);

/** Counts the wrong attempts of each address. */
export interface GuessCounter {
  /** Whether this address may guess once more. */
  take(address: string, nowMs: number): boolean | Promise<boolean>;
}

export class JoinRateLimiter {
  readonly #counter: GuessCounter;

  /** @param counter default: one of this server's own */
  constructor(counter: GuessCounter = new LocalGuessCounter()) {
    this.#counter = counter;
  }

  /**
   * What `admit` returns.
   *
   * @throws what `admit` throws, or `tooMany` where the address has guessed too often
   *
   * @example
   * const claims = await limiter.attempt(clientAddress(request, isTrusted), clock.now(), () => tokens.verifyInvite(invite, room));
   */
  async attempt<T>(address: string, nowMs: number, admit: () => T | Promise<T>): Promise<T> {
    try {
      return await admit();
    } catch (error) {
      if (error instanceof ApiError && guesses.has(error.code)) await this.#count(address, nowMs);
      throw error;
    }
  }

  /** @throws {ApiError} `tooMany`, where the address has guessed too often */
  async #count(address: string, nowMs: number): Promise<void> {
    if (!(await this.#counter.take(address, nowMs)))
      throw new ApiError('tooMany', 'too many wrong attempts to join: wait a minute');
  }
}

export class LocalGuessCounter implements GuessCounter {
  readonly #buckets = new BoundedMap<string, TokenBucket>(limits.failedJoinAddresses);

  take(address: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(address) ?? new TokenBucket(limits.failedJoins, nowMs);
    this.#buckets.set(address, bucket);
    return bucket.take(nowMs);
  }
}
