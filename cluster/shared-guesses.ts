/** Counts wrong attempts to join at all servers together. While Redis is away each server counts by itself, so that nobody guesses freely. */
import { type GuessCounter, LocalGuessCounter } from '../server/auth/join-rate-limiter.ts';
import { limits } from '../server/limits.ts';
import type { RedisConnection, RedisScript } from './redis-connection.ts';

export class SharedGuessCounter implements GuessCounter {
  readonly #redis: RedisConnection;
  readonly #local = new LocalGuessCounter();

  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  async take(address: string, nowMs: number): Promise<boolean> {
    // Counted here, too, so that a server whose Redis goes away does not begin anew.
    const mayHere = this.#local.take(address, nowMs);
    const { perSecond, burst } = limits.failedJoins;
    const answer = await this.#redis
      .run(takeToken, [`guesses:${address}`], [perSecond / 1000, burst])
      .catch(() => null);
    return mayHere && answer !== 0;
  }
}

/** A token bucket. KEYS: the bucket. ARGV: tokens that come in a millisecond, and how many it holds. It is forgotten when it is full. */
const takeToken: RedisScript = {
  lua: `
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
    local bucket = redis.call('HMGET', KEYS[1], 'left', 'at')
    local left = math.min(burst, (tonumber(bucket[1]) or burst) + (now - (tonumber(bucket[2]) or now)) * rate)
    local taken = left >= 1 and 1 or 0
    redis.call('HSET', KEYS[1], 'left', left - taken, 'at', now)
    redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate))
    return taken`,
  keys: 1,
};
