/** Which workers there are, in one hash of Redis: each writes again every two seconds how it is doing, and is gone when it has not for six. */
import type { RedisConnection, RedisScript } from './redis-connection.ts';
import { WorkerView } from './worker-load.ts';

export const BEAT_EVERY_MS = 2000;
const GONE_AFTER_MS = 6000;
const KEY = 'workers';

/** Redis' own clock counts, so that those of the machines need not agree. */
const beat: RedisScript = {
  keys: 1,
  lua: `
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %s', now + ARGV[3], ARGV[2]))
    local all = redis.call('HGETALL', KEYS[1])
    for i = 1, #all, 2 do
      if tonumber(string.match(all[i + 1], '^%d+')) < now then redis.call('HDEL', KEYS[1], all[i]) end
    end
    return 1`,
};

const list: RedisScript = {
  keys: 1,
  lua: `
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local views = {}
    for _, entry in ipairs(redis.call('HVALS', KEYS[1])) do
      local untilMs, view = string.match(entry, '^(%d+) (.*)$')
      if tonumber(untilMs) >= now then table.insert(views, view) end
    end
    return views`,
};

export class WorkerRegistry {
  readonly #redis: Pick<RedisConnection, 'run' | 'commands'>;

  constructor(redis: Pick<RedisConnection, 'run' | 'commands'>) {
    this.#redis = redis;
  }

  /** Says how a worker is doing, for the next six seconds. @throws {RedisUnavailableError} */
  async beat(view: WorkerView): Promise<void> {
    await this.#redis.run(beat, [KEY], [view.id, JSON.stringify(view), GONE_AFTER_MS]);
  }

  /** A worker has ended. @throws {Error} while Redis is away */
  async remove(id: string): Promise<void> {
    await this.#redis.commands.hdel(KEY, id);
  }

  /** The workers that are there. @throws {RedisUnavailableError} */
  async all(): Promise<WorkerView[]> {
    const texts = (await this.#redis.run(list, [KEY], [])) as string[];
    return texts.flatMap((text) => WorkerView.safeParse(JSON.parse(text)).data ?? []);
  }
}
