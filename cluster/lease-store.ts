/**
 * The leases of rooms in Redis: who interprets a room of a server (`leaseOf` names it), and the fencing token that goes with it. Each operation is
 * one script, so that nothing comes between its parts.
 *
 * Hard requirement: the fencing tokens of a room only rise. What Redis has forgotten is known to those who ask: the server of the room passes
 * the highest that it has seen, and a worker that goes on brings its own.
 */
import { z } from 'zod';
import type { RedisConnection, RedisScript } from './redis-connection.ts';

/** The counter of a room's fencing tokens outlives every meeting, and not the room for ever. */
const FENCE_KEPT_MS = 7 * 86_400_000;
/** For so long the server of a room may learn that its interpreter has failed. */
const FAILED_KEPT_MS = 10_000;

export const RoomLease = z.object({
  /** The fencing token: of two interpreters of one room, only the one with the higher may speak. */
  fence: z.number().int().positive(),
  /** The id of the worker. */
  worker: z.string(),
  state: z.enum(['starting', 'running', 'restarting', 'failed']),
  /** A sentence for people. */
  message: z.string().exactOptional(),
  /** The worker is being stopped, and speaks until another has taken over. */
  leaving: z.boolean().exactOptional(),
});
export type RoomLease = z.infer<typeof RoomLease>;

/** Whoever holds a lease with a token up to this one has lost it. */
const acquire: RedisScript = {
  keys: 2,
  lua: `
    local held = redis.call('GET', KEYS[1])
    local above = tonumber(ARGV[2])
    if held and cjson.decode(held).fence > above then return 0 end
    local fence = math.max(tonumber(redis.call('GET', KEYS[2]) or '0'), above) + 1
    redis.call('SET', KEYS[2], fence, 'PX', ARGV[4])
    redis.call('DEL', KEYS[1])
    redis.call('SET', KEYS[1], cjson.encode({ fence = fence, worker = ARGV[1], state = 'starting' }), 'NX', 'PX', ARGV[3])
    return fence`,
};

/** A lease that Redis has lost is there again, unless a higher token was given since. */
const renew: RedisScript = {
  keys: 2,
  lua: `
    local fence = tonumber(ARGV[1])
    local held = redis.call('GET', KEYS[1])
    if held then
      if cjson.decode(held).fence ~= fence then return 0 end
    elseif tonumber(redis.call('GET', KEYS[2]) or '0') > fence then
      return 0
    else
      redis.call('SET', KEYS[2], fence, 'PX', ARGV[4])
    end
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
    return 1`,
};

const release: RedisScript = {
  keys: 1,
  lua: `
    local held = redis.call('GET', KEYS[1])
    if held and cjson.decode(held).fence == tonumber(ARGV[1]) then redis.call('DEL', KEYS[1]) end
    return 1`,
};

/** The counter rises, so that whoever had the lease cannot renew it. */
const revoke: RedisScript = {
  keys: 2,
  lua: `
    local held = redis.call('GET', KEYS[1])
    local fence = tonumber(ARGV[1])
    if held and cjson.decode(held).fence > fence then return 0 end
    redis.call('DEL', KEYS[1])
    if tonumber(redis.call('GET', KEYS[2]) or '0') <= fence then redis.call('SET', KEYS[2], fence + 1, 'PX', ARGV[2]) end
    return 1`,
};

const keysOf = (room: string): [lease: string, fence: string] => [`lease:${room}`, `fence:${room}`];

/**
 * @example
 * const fence = await leases.acquire('hall', { worker: 'w1', above: 0, leaseMs: 4000 }); // 1
 * await leases.renew('hall', { fence, worker: 'w1', state: 'running' }, 4000); // true
 * await leases.release('hall', fence);
 */
export class LeaseStore {
  readonly #redis: Pick<RedisConnection, 'run' | 'commands'>;

  constructor(redis: Pick<RedisConnection, 'run' | 'commands'>) {
    this.#redis = redis;
  }

  /**
   * @param above the fencing token up to which the server of the room has given up whoever held the lease
   * @returns the fencing token; undefined: another worker has the lease
   * @throws {RedisUnavailableError}
   */
  async acquire(
    room: string,
    { worker, above, leaseMs }: { worker: string; above: number; leaseMs: number },
  ): Promise<number | undefined> {
    const fence = Number(await this.#redis.run(acquire, keysOf(room), [worker, above, leaseMs, FENCE_KEPT_MS]));
    return fence === 0 ? undefined : fence;
  }

  /**
   * Renews the lease, and tells the server of the room how its interpreter is doing: a failed one is told of, and its lease not renewed again.
   *
   * @returns false: another has the lease, or it was taken away
   * @throws {RedisUnavailableError}
   */
  async renew(room: string, lease: RoomLease, leaseMs: number): Promise<boolean> {
    const keptMs = lease.state === 'failed' ? FAILED_KEPT_MS : leaseMs;
    const args = [lease.fence, JSON.stringify(lease), Math.round(keptMs), FENCE_KEPT_MS];
    return Number(await this.#redis.run(renew, keysOf(room), args)) === 1;
  }

  /** Gives the lease back, unless another has it. @throws {RedisUnavailableError} */
  async release(room: string, fence: number): Promise<void> {
    const [lease] = keysOf(room);
    await this.#redis.run(release, [lease], [fence]);
  }

  /** Takes the lease away from whoever has it with this token or a lower one, for good. @throws {RedisUnavailableError} */
  async revoke(room: string, fence: number): Promise<void> {
    await this.#redis.run(revoke, keysOf(room), [fence, FENCE_KEPT_MS]);
  }

  /** The leases of these rooms, in their order; undefined where there is none. One command for all. @throws {Error} while Redis is away */
  async read(rooms: readonly string[]): Promise<(RoomLease | undefined)[]> {
    if (rooms.length === 0) return [];
    const texts = await this.#redis.commands.mget(rooms.map((room) => keysOf(room)[0]));
    return texts.map((text) => (text === null ? undefined : parsed(text)));
  }
}

/** What another version of Booth has written, or somebody else, is no lease. */
function parsed(text: string): RoomLease | undefined {
  try {
    return RoomLease.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
