/**
 * A small table that every node holds in full: it is read in the node's own memory, and what one node writes reaches the others at once.
 *
 * Hard requirement: what was written is lost only with every node that knows it. What Redis has lost is written again by the nodes; of two
 * values of one key the later counts, everywhere. While Redis is away a node reads what it knew, writes for itself, and hands that in later.
 *
 * Values are removed when their time is over, by every node for itself. There are as many as those who write allow for.
 */
import type { z } from 'zod';
import type { Logger } from '../logging/logger.ts';
import type { RedisConnection, RedisScript } from './redis-connection.ts';

interface Entry<V> {
  /** When it was written, in milliseconds since 1970; greater than that of the value before. */
  version: number;
  /** Until when it counts, in milliseconds since 1970. */
  untilMs: number;
  /** Undefined: it was removed. */
  value?: V | undefined;
}

export interface SharedTableOptions<V> {
  redis: RedisConnection;
  /** Names the table in Redis. */
  name: string;
  /** What does not fit, as what a later version of Booth has written, is left alone. */
  schema: z.ZodType<V>;
  log: Logger;
  /** Milliseconds since 1970. Default: `Date.now`. */
  wallNow?: () => number;
}

export class SharedTable<V> {
  readonly #options: SharedTableOptions<V>;
  readonly #wallNow: () => number;
  readonly #entries = new Map<string, Entry<V>>();
  readonly #listeners = new Set<(key: string, value: V | undefined) => void>();
  readonly #stop: (() => void)[];
  #reading: Promise<void> | undefined;
  #readAgain = false;

  /** Resolves when it was read, or Redis is away: then it is read when it is back. */
  static async open<V>(options: SharedTableOptions<V>): Promise<SharedTable<V>> {
    const table = new SharedTable(options);
    await table.#read();
    return table;
  }

  private constructor(options: SharedTableOptions<V>) {
    this.#options = options;
    this.#wallNow = options.wallNow ?? Date.now;
    const { redis, name } = options;
    const read = () => void this.#read();
    this.#stop = [
      redis.subscribe(`table:${name}`, (message) => this.#hear(message)),
      redis.watch({ recovered: read, emptied: read }),
    ];
  }

  /** What counts now. */
  get values(): Map<string, V> {
    const nowMs = this.#wallNow();
    const values = new Map<string, V>();
    for (const [key, { value, untilMs }] of this.#entries)
      if (value !== undefined && untilMs > nowMs) values.set(key, value);
    return values;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    return entry && entry.untilMs > this.#wallNow() ? entry.value : undefined;
  }

  /** Calls `listener` with what other nodes have written; undefined: they have removed it. */
  onChanged(listener: (key: string, value: V | undefined) => void): void {
    this.#listeners.add(listener);
  }

  /**
   * Counts here at once.
   *
   * @param untilMs in milliseconds since 1970
   * @returns whether it is in Redis, too; if not, it is handed in when Redis is back
   */
  put(key: string, value: V, untilMs: number): Promise<boolean> {
    return this.#write(key, { value, untilMs });
  }

  /** @param untilMs until when every node that may have missed it has heard of it. @returns as `put` */
  remove(key: string, untilMs: number): Promise<boolean> {
    return this.#write(key, { untilMs });
  }

  close(): void {
    for (const stop of this.#stop) stop();
  }

  #write(key: string, change: Omit<Entry<V>, 'version'>): Promise<boolean> {
    // Of two that are written in the same millisecond, one is later, too.
    const version = Math.max(this.#wallNow(), (this.#entries.get(key)?.version ?? 0) + 1) + Math.random();
    const entry = { version, ...change };
    this.#entries.set(key, entry);
    return this.#send(key, entry).then(
      () => true,
      () => false,
    );
  }

  async #send(key: string, entry: Entry<V>): Promise<void> {
    const { redis, name } = this.#options;
    const args = [key, JSON.stringify(entry), entry.version, redis.channel(`table:${name}`)];
    await redis.run(putLater, [`table:${name}`], args);
  }

  #hear(message: string): void {
    try {
      const [key, text] = JSON.parse(message) as [string, string];
      this.#merge(key, text);
    } catch (error) {
      this.#options.log.warn({ err: error, table: this.#options.name }, 'shared table: a message could not be read');
    }
  }

  /** Reads all, and hands in what is missing or older there. One at a time; what is asked for meanwhile is done after it. */
  #read(): Promise<void> {
    this.#readAgain = this.#reading !== undefined;
    this.#reading ??= this.#readNow().finally(() => {
      this.#reading = undefined;
      if (this.#readAgain) void this.#read();
    });
    return this.#reading;
  }

  async #readNow(): Promise<void> {
    const { redis, name, log } = this.#options;
    if (!redis.isReady) return;
    try {
      const stored = await redis.commands.hgetall(`table:${name}`);
      for (const [key, text] of Object.entries(stored)) this.#merge(key, text);
      await this.#handIn(stored);
    } catch (error) {
      log.warn({ err: error, table: name }, 'shared table could not be read');
    }
  }

  async #handIn(stored: Readonly<Record<string, string>>): Promise<void> {
    const { redis, name } = this.#options;
    const nowMs = this.#wallNow();
    for (const [key, entry] of [...this.#entries]) {
      const text = stored[key];
      if (entry.untilMs <= nowMs) {
        this.#entries.delete(key);
        if (text !== undefined) await redis.commands.hdel(`table:${name}`, key);
      } else if (text === undefined || versionOf(text) < entry.version) {
        await this.#send(key, entry);
      }
    }
  }

  #merge(key: string, text: string): void {
    const { version, untilMs, value } = JSON.parse(text) as Entry<unknown>;
    const known = this.#entries.get(key);
    if (known && known.version >= version) return;
    const parsed = value === undefined ? undefined : this.#options.schema.safeParse(value);
    if (parsed?.success === false) return;
    this.#entries.set(key, { version, untilMs, value: parsed?.data });
    for (const listener of this.#listeners) listener(key, parsed?.data);
  }
}

const versionOf = (text: string): number => (JSON.parse(text) as Entry<unknown>).version;

/** KEYS: table. ARGV: key, entry, its version, channel. A later value stays. */
const putLater: RedisScript = {
  lua: `
    local before = redis.call('HGET', KEYS[1], ARGV[1])
    if before and cjson.decode(before).version >= tonumber(ARGV[3]) then return 0 end
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
    redis.call('PUBLISH', ARGV[4], cjson.encode({ ARGV[1], ARGV[2] }))
    return 1`,
  keys: 1,
};
