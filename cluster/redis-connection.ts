/**
 * One connection to Redis (or Valkey), of which everything that many machines share is made: it reconnects for ever, and says once each when
 * it was lost, when it is back, and when what Redis held is gone.
 *
 * Hard requirement: a command never waits for Redis to come back. While it is away every command fails at once with
 * `RedisUnavailableError`, one that is on its way fails after two seconds at the latest, and nothing is queued or sent again. ioredis is
 * loaded by `open` alone, so that a machine by itself never loads it.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Logger } from '../logging/logger.ts';
import { backoffDelayMs } from '../time/backoff.ts';
import { type Clock, every, systemClock } from '../time/clock.ts';

/** What stands before every key and channel. Two installations at one Redis use databases of their own: `redis://host/1`. */
const PREFIX = 'booth:';
const RECONNECT = { firstMs: 100, maxMs: 2000, jitter: 0.2 };
/** A command without an answer fails after this time. */
const COMMAND_TIMEOUT_MS = 2000;
/** A connection on which an answer is missing for so long is given up, and another is opened. */
const SILENCE_MS = 3000;
/** How often Redis is asked whether it still holds what it held. */
const CHECK_MS = 1000;
/** Redis loses this key together with all others, so that its content names the data set. */
const DATA_SET_KEY = 'data-set';

/** Redis cannot be reached now. Trying again later can help: `RedisListener.recovered` says when. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';
  readonly retryable = true;

  /** @param reason what the connection failed with, if that is known */
  constructor(reason?: unknown) {
    super(reason === undefined ? 'Redis cannot be reached' : `Redis cannot be reached: ${text(reason)}`);
  }
}

/** What a user of the connection is told. Each is told once for each time that it happens, and in the order in which it happened. */
export interface RedisListener {
  /** Redis cannot be reached any more, or could not at the start. */
  lost?(): void;
  /** Redis answers again after it was lost. What was published in between was missed. */
  recovered?(): void;
  /** What Redis held is gone (flushed, or started again without its file): told before `recovered` where both happened. */
  emptied?(): void;
}

export interface RedisConnectionOptions {
  /** `redis://host:port/database`, with `<user>:<password>@` before the host where Redis asks for them; `rediss://` with TLS. */
  url: string;
  log: Logger;
  /** Default: the clock of this process. */
  clock?: Clock;
}

/** A Lua script, which Redis runs as one step that nothing else comes between. */
export interface RedisScript {
  readonly lua: string;
  readonly keys: number;
}

type MessageListener = (message: string) => void;

/** A Redis URL as it may be shown: without its password. */
export function withoutPassword(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed) return '(not a URL)';
  if (parsed.password) parsed.password = '***';
  return parsed.href;
}

/**
 * @example
 * const redis = await RedisConnection.open({ url: 'redis://127.0.0.1', log });
 * redis.watch({ lost: () => status.set('Redis is away'), recovered: () => status.clear(), emptied: () => writeAgain() });
 * await redis.commands.set('greeting', 'hello'); // the key is booth:greeting
 * await redis.run({ lua: "return redis.call('INCR', KEYS[1])", keys: 1 }, ['count'], []); // 1
 * await redis.close();
 */
export class RedisConnection {
  /** ioredis itself, for single commands and pipelines. Keys are prefixed by it; channels only by `publish` and `subscribe` here. */
  readonly commands: Redis;
  readonly #log: Logger;
  readonly #listeners = new Set<RedisListener>();
  readonly #channels = new Map<string, Set<MessageListener>>();
  readonly #firstAnswer = Promise.withResolvers<void>();
  readonly #stopChecking: () => void;
  readonly #where: string;
  #state: 'opening' | 'ready' | 'lost' | 'closed' = 'opening';
  #dataSet: string | undefined;
  #lastProblem: string | undefined;
  #checking: Promise<void> | undefined;

  /**
   * Opens it. Resolves when Redis has answered, or when the first attempt has failed: then `isReady` is false, and further attempts follow.
   *
   * @throws {TypeError} where the URL is none
   */
  static async open({ url, log, clock = systemClock }: RedisConnectionOptions): Promise<RedisConnection> {
    if (!URL.canParse(url)) throw new TypeError('the URL of Redis is none');
    const ioredis = await import('ioredis');
    const client = new ioredis.Redis(url, {
      keyPrefix: PREFIX,
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_TIMEOUT_MS,
      socketTimeout: SILENCE_MS,
      connectTimeout: SILENCE_MS,
      connectionName: 'booth',
      retryStrategy: (times) => backoffDelayMs(times - 1, RECONNECT),
    });
    const connection = new RedisConnection(client, { where: withoutPassword(url), log, clock });
    client.connect().catch(() => {});
    await connection.#firstAnswer.promise;
    return connection;
  }

  private constructor(client: Redis, { where, log, clock }: { where: string; log: Logger; clock: Clock }) {
    this.commands = client;
    this.#log = log;
    this.#where = where;
    client.on('ready', () => this.#check());
    client.on('close', () => this.#lose());
    client.on('error', (error) => {
      this.#lastProblem = text(error);
    });
    client.on('message', (channel: string, message: string) => this.#receive(channel, message));
    this.#stopChecking = every(clock, CHECK_MS, () => this.#check());
  }

  /** Whether commands can be expected to succeed now. */
  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** Tells the listener of what happens from now on, until the returned function is called. */
  watch(listener: RedisListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Runs a script in one step. Its text is sent only where Redis does not know it yet.
   *
   * @returns what the script returns: numbers as numbers, `false` and `nil` as `null`, tables as arrays
   * @throws {RedisUnavailableError} while Redis is away, or where it does not answer in time; it may have run the script all the same
   */
  async run(script: RedisScript, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    if (!this.isReady) throw new RedisUnavailableError();
    return this.#run(script, keys, args);
  }

  /** The name of a channel for scripts that publish, whose arguments are not prefixed. */
  channel(name: string): string {
    return PREFIX + name;
  }

  /** Tells every listener of a channel, on all machines. @throws {RedisUnavailableError} as `run` does */
  async publish(channel: string, message: string): Promise<void> {
    if (!this.isReady) throw new RedisUnavailableError();
    await available(this.commands.publish(PREFIX + channel, message));
  }

  /**
   * Hears what is published in a channel, again by itself after each loss. The returned function ends it.
   *
   * What is published while Redis is away from this machine is not heard: read again at `recovered` what must not be missed.
   */
  subscribe(channel: string, listener: MessageListener): () => void {
    const listeners = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, listeners.add(listener));
    // A subscription that fails now is made when Redis is ready again.
    if (this.isReady) this.commands.subscribe(PREFIX + channel).catch(() => {});
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0 || this.#channels.get(channel) !== listeners) return;
      this.#channels.delete(channel);
      if (this.isReady) this.commands.unsubscribe(PREFIX + channel).catch(() => {});
    };
  }

  /** Ends the connection, after what is on its way. Nobody is told of anything any more. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    const wasReady = this.isReady;
    this.#state = 'closed';
    this.#stopChecking();
    this.#listeners.clear();
    this.#channels.clear();
    this.#firstAnswer.resolve();
    if (wasReady) await this.commands.quit().catch(() => {});
    this.commands.disconnect();
  }

  async #run({ lua, keys: count }: RedisScript, keys: readonly string[], args: readonly (string | number)[]) {
    try {
      return await this.commands.evalsha(digest(lua), count, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) return available(Promise.reject(error));
      return available(this.commands.eval(lua, count, ...keys, ...args));
    }
  }

  /** Asks Redis for its data set; an answer makes the connection ready. One question at a time. */
  #check(): void {
    if (this.commands.status !== 'ready' || this.#state === 'closed') return;
    this.#checking ??= this.#askForDataSet().finally(() => {
      this.#checking = undefined;
    });
  }

  async #askForDataSet(): Promise<void> {
    try {
      const dataSet = String(await this.#run(nameDataSet, [DATA_SET_KEY], [randomUUID()]));
      if (this.#state !== 'ready') await this.#resubscribe();
      if (this.commands.status === 'ready') this.#become(dataSet);
    } catch (error) {
      // The connection closes where it is to blame; what Redis itself refuses (it is loading, or read-only) is asked again.
      this.#lastProblem = text(error);
    }
  }

  async #resubscribe(): Promise<void> {
    const channels = [...this.#channels.keys()].map((channel) => PREFIX + channel);
    if (channels.length > 0) await this.commands.subscribe(...channels);
  }

  #become(dataSet: string): void {
    const [before, isEmptied] = [this.#state, this.#dataSet !== undefined && this.#dataSet !== dataSet];
    if (before === 'closed') return;
    this.#dataSet = dataSet;
    this.#lastProblem = undefined;
    this.#state = 'ready';
    this.#firstAnswer.resolve();
    if (isEmptied) {
      this.#log.warn({ redis: this.#where }, 'Redis was emptied');
      this.#notify('emptied');
    }
    if (before === 'lost') {
      this.#log.info({ redis: this.#where }, 'Redis is back');
      this.#notify('recovered');
    }
  }

  #lose(): void {
    if (this.#state === 'lost' || this.#state === 'closed') return;
    this.#state = 'lost';
    this.#firstAnswer.resolve();
    this.#log.warn({ redis: this.#where, problem: this.#lastProblem }, 'Redis is away');
    this.#notify('lost');
  }

  #receive(prefixed: string, message: string): void {
    for (const listener of this.#channels.get(prefixed.slice(PREFIX.length)) ?? []) {
      this.#guarded(() => listener(message));
    }
  }

  #notify(event: keyof RedisListener): void {
    for (const listener of [...this.#listeners]) this.#guarded(() => listener[event]?.());
  }

  /** What one listener throws is logged, and keeps nothing from the others. */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#log.error({ err: error }, 'listener of Redis failed');
    }
  }
}

/** An error's message alone: ioredis hangs the command on its errors, and with the first of a connection the password. */
const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const nameDataSet: RedisScript = {
  lua: "redis.call('SET', KEYS[1], ARGV[1], 'NX') return redis.call('GET', KEYS[1])",
  keys: 1,
};

/** Scripts are constants of the code, so that there are few. */
const digests = new Map<string, string>();

/** The SHA-1 by which Redis knows a script. */
function digest(lua: string): string {
  const known = digests.get(lua);
  if (known !== undefined) return known;
  const made = createHash('sha1').update(lua).digest('hex');
  digests.set(lua, made);
  return made;
}

/** What an answer is, or `RedisUnavailableError` where the way there failed; what Redis itself refuses stays as it is. */
async function available<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const isRefusal = error instanceof Error && error.name === 'ReplyError';
    throw isRefusal ? error : new RedisUnavailableError(error);
  }
}
