/** The connection to Redis, with a real server that is killed, hung, emptied and locked. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { RedisConnection, RedisUnavailableError, withoutPassword } from '../../cluster/redis-connection.ts';
import type { Logger } from '../../logging/logger.ts';
import { RedisServer } from '../support/redis-server.ts';

const increment = { lua: "return redis.call('INCRBY', KEYS[1], ARGV[1])", keys: 1 };
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.close());

async function connected(url = server.url, log = silent) {
  const redis = await RedisConnection.open({ url, log });
  onTestFinished(() => redis.close());
  const events: string[] = [];
  redis.watch({
    lost: () => events.push('lost'),
    emptied: () => events.push('emptied'),
    recovered: () => events.push('recovered'),
  });
  return { redis, events };
}

async function ownServer(): Promise<RedisServer> {
  const own = await RedisServer.start();
  onTestFinished(() => own.close());
  return own;
}

describe('a connection to Redis', () => {
  it('prefixes keys and channels, and runs scripts in one step', async () => {
    const { redis } = await connected();
    expect(redis.isReady).toBe(true);
    await redis.commands.set('greeting', 'hello');
    expect(await redis.run(increment, ['count'], [2])).toBe(2);
    expect(await redis.run(increment, ['count'], [3])).toBe(5);
    const { redis: other } = await connected();
    expect(await other.commands.call('KEYS', '*')).toEqual(
      expect.arrayContaining(['booth:greeting', 'booth:count', 'booth:data-set']),
    );
  });

  it('brings messages from one machine to another, until one no longer listens', async () => {
    const [{ redis: one }, { redis: other }] = [await connected(), await connected()];
    const heard: string[] = [];
    const stop = one.subscribe('news', (message) => heard.push(message));
    await expect.poll(() => other.commands.call('PUBSUB', 'CHANNELS', 'booth:news')).toHaveLength(1);
    await other.publish('news', 'first');
    await expect.poll(() => heard).toEqual(['first']);
    stop();
    await expect.poll(() => other.commands.call('PUBSUB', 'CHANNELS', 'booth:news')).toHaveLength(0);
    await other.publish('news', 'second');
    expect(heard).toEqual(['first']);
  });

  it('tells of a script that Redis refuses, as it is', async () => {
    const { redis } = await connected();
    await redis.commands.set('text', 'none');
    await expect(redis.run(increment, ['text'], [1])).rejects.toMatchObject({ name: 'ReplyError' });
  });

  it('fails commands at once while Redis is away, and tells once each that it is lost, emptied and back', async () => {
    const own = await ownServer();
    const { redis, events } = await connected(own.url);
    const heard: string[] = [];
    redis.subscribe('news', (message) => heard.push(message));
    await own.kill();
    await expect.poll(() => events).toEqual(['lost']);
    expect(redis.isReady).toBe(false);
    await expect(redis.run(increment, ['count'], [1])).rejects.toThrow(RedisUnavailableError);
    await expect(redis.publish('news', 'lost')).rejects.toThrow(RedisUnavailableError);
    await expect(redis.commands.get('count')).rejects.toThrow();
    await own.run();
    await expect.poll(() => events).toEqual(['lost', 'emptied', 'recovered']);
    expect(redis.isReady).toBe(true);
    expect(await redis.run(increment, ['count'], [1])).toBe(1);
    await redis.publish('news', 'back');
    await expect.poll(() => heard).toEqual(['back']);
  });

  it('gives up a Redis that hangs, and goes on with it when it answers again, with what it held', async () => {
    const own = await ownServer();
    const { redis, events } = await connected(own.url);
    await redis.run(increment, ['count'], [7]);
    const pid = Number(own.pid);
    process.kill(pid, 'SIGSTOP');
    await expect(redis.run(increment, ['other'], [1])).rejects.toThrow(RedisUnavailableError);
    await expect.poll(() => events).toEqual(['lost']);
    process.kill(pid, 'SIGCONT');
    await expect.poll(() => events).toEqual(['lost', 'recovered']);
    expect(await redis.run(increment, ['count'], [1])).toBe(8);
  });

  it('notices within seconds that Redis was emptied, though it never went away', async () => {
    const own = await ownServer();
    const { redis, events } = await connected(own.url);
    await redis.commands.flushall();
    await expect.poll(() => events).toEqual(['emptied']);
    expect(redis.isReady).toBe(true);
  });

  it('opens where Redis is not there yet, and is ready when it comes', async () => {
    const own = await ownServer();
    await own.kill();
    const { redis, events } = await connected(own.url);
    expect(redis.isReady).toBe(false);
    await own.run();
    await expect.poll(() => events).toEqual(['recovered']);
    expect(redis.isReady).toBe(true);
  });

  it('shows no password, neither in the log nor in errors', async () => {
    const own = await ownServer();
    const { redis: owner } = await connected(own.url);
    await owner.commands.config('SET', 'requirepass', 'open-sesame');
    const lines: string[] = [];
    const write = (fields: object, message: string) => lines.push(JSON.stringify([fields, message], plain));
    const log = { debug: write, info: write, warn: write, error: write };
    const url = `redis://:open-sesame@127.0.0.1:${own.port}`;
    const { redis } = await connected(url, log);
    expect(redis.isReady).toBe(true);
    const { redis: wrong } = await connected(`redis://:let-me-in@127.0.0.1:${own.port}`, log);
    expect(wrong.isReady).toBe(false);
    await own.kill();
    await expect.poll(() => lines.filter((line) => line.includes('Redis is away')).length).toBeGreaterThan(1);
    expect(lines.join('\n')).toMatch(/WRONGPASS/);
    expect(lines.join('\n')).not.toMatch(/sesame|let-me-in/);
    expect(withoutPassword(url)).toBe(`redis://:***@127.0.0.1:${own.port}`);
  });

  it('does not come back once it is closed, while Redis was away', async () => {
    const own = await ownServer();
    const { redis, events } = await connected(own.url);
    await own.kill();
    await expect.poll(() => events).toEqual(['lost']);
    await redis.close();
    await own.run();
    const { redis: other } = await connected(own.url);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(String(await other.commands.client('LIST')).match(/^id=/gm)).toHaveLength(1);
    expect(events).toEqual(['lost']);
  });
});

const plain = (_name: string, value: unknown): unknown =>
  value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value;
