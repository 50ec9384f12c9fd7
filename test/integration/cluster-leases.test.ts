/** The leases and the list of workers in a real Redis. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { InterpreterQueue, OfferedOrders } from '../../cluster/interpreter-queue.ts';
import { LeaseStore, type RoomLease } from '../../cluster/lease-store.ts';
import { RedisConnection } from '../../cluster/redis-connection.ts';
import { WorkerRegistry } from '../../cluster/worker-registry.ts';
import { RedisServer } from '../support/redis-server.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const LEASE_MS = 60_000;

async function start() {
  const server = await RedisServer.start();
  onTestFinished(() => server.close());
  const redis = await RedisConnection.open({ url: server.url, log });
  onTestFinished(() => redis.close());
  return { server, redis, leases: new LeaseStore(redis), registry: new WorkerRegistry(redis) };
}

const lease = (fence: number, more: Partial<RoomLease> = {}): RoomLease => ({
  fence,
  worker: 'w1',
  state: 'running',
  ...more,
});

describe('the lease of a room', () => {
  it('is given once, with tokens that rise, also where several ask at the same moment', async () => {
    const { leases } = await start();
    const asked = ['w1', 'w2', 'w3', 'w4'].map((worker) =>
      leases.acquire('hall', { worker, above: 0, leaseMs: LEASE_MS }),
    );
    expect((await Promise.all(asked)).filter((fence) => fence !== undefined)).toEqual([1]);
    expect(await leases.acquire('hall', { worker: 'w5', above: 1, leaseMs: LEASE_MS })).toBe(2);
    expect(await leases.acquire('hall', { worker: 'w6', above: 1, leaseMs: LEASE_MS })).toBeUndefined();
    await leases.release('hall', 2);
    expect(await leases.acquire('hall', { worker: 'w7', above: 0, leaseMs: LEASE_MS })).toBe(3);
    expect(await leases.acquire('foyer', { worker: 'w7', above: 0, leaseMs: LEASE_MS })).toBe(1);
  });

  it('ends by itself, and is not renewed by whoever had it once another has it', async () => {
    const { leases } = await start();
    await leases.acquire('hall', { worker: 'w1', above: 0, leaseMs: 50 });
    await expect.poll(() => leases.read(['hall'])).toEqual([undefined]);
    expect(await leases.acquire('hall', { worker: 'w2', above: 0, leaseMs: LEASE_MS })).toBe(2);
    expect(await leases.renew('hall', lease(1), LEASE_MS)).toBe(false);
    await leases.release('hall', 1);
    expect((await leases.read(['hall', 'none'])).map((one) => one?.worker)).toEqual(['w2', undefined]);
  });

  it('tells the server how the interpreter is doing, and that it has failed for a while after', async () => {
    const { leases, redis } = await start();
    await leases.acquire('hall', { worker: 'w1', above: 0, leaseMs: LEASE_MS });
    await leases.renew('hall', lease(1, { leaving: true }), LEASE_MS);
    expect(await leases.read(['hall'])).toEqual([lease(1, { leaving: true })]);
    await leases.renew('hall', lease(1, { state: 'failed', message: 'It ended.' }), 50);
    expect(await leases.read(['hall'])).toEqual([lease(1, { state: 'failed', message: 'It ended.' })]);
    expect(await redis.commands.pttl('lease:hall')).toBeGreaterThan(5000);
  });

  it('is written again by whoever had it when Redis was emptied, unless another was given a higher token since', async () => {
    const { leases, redis } = await start();
    await leases.acquire('hall', { worker: 'w1', above: 6, leaseMs: LEASE_MS });
    await redis.commands.flushall();
    expect(await leases.renew('hall', lease(7), LEASE_MS)).toBe(true);
    expect(await leases.acquire('hall', { worker: 'w2', above: 6, leaseMs: LEASE_MS })).toBeUndefined();
    await redis.commands.flushall();
    expect(await leases.acquire('hall', { worker: 'w2', above: 7, leaseMs: LEASE_MS })).toBe(8);
    expect(await leases.renew('hall', lease(7), LEASE_MS)).toBe(false);
  });

  it('is taken away for good, and not from whoever has a higher token', async () => {
    const { leases } = await start();
    await leases.acquire('hall', { worker: 'w1', above: 0, leaseMs: LEASE_MS });
    await leases.revoke('hall', 0);
    expect(await leases.renew('hall', lease(1), LEASE_MS)).toBe(true);
    await leases.revoke('hall', 1);
    expect(await leases.renew('hall', lease(1), LEASE_MS)).toBe(false);
    expect(await leases.read(['hall'])).toEqual([undefined]);
  });
});

describe('the list of workers', () => {
  it('has those that said how they are doing lately', async () => {
    const { registry, redis } = await start();
    const view = {
      id: 'w1',
      host: 'h',
      rooms: 0,
      capacity: 1,
      maxCpu: 1,
      newRooms: 0,
      cpu: 0,
      cores: 1,
      eventLoopDelayMs: 0,
      freeMemoryMb: 1,
      draining: false,
    };
    await registry.beat(view);
    await registry.beat({ ...view, id: 'w2' });
    expect((await registry.all()).map(({ id }) => id).sort()).toEqual(['w1', 'w2']);
    await registry.remove('w2');
    await redis.commands.hset('workers', 'gone', `1 ${JSON.stringify({ ...view, id: 'gone' })}`);
    expect(await registry.all()).toEqual([view]);
    await registry.beat(view);
    expect(await redis.commands.hlen('workers')).toBe(1);
  });
});

describe('the queue of orders', () => {
  const order = (room: string) => ({
    room,
    interpreter: `interpreter-${room}`,
    server: 'http://127.0.0.1:3000',
    token: 'token',
    above: 0,
    languages: 'auto' as const,
    languageSettings: {},
    pictures: 'off' as const,
    settings: {
      sessionIdleTimeoutMs: 1000,
      limits: { maxSessions: 1 },
      playout: { tracks: 'mixed' as const, maxLagMs: 8000, voices: 1 },
    },
  });

  it('gives each to one worker in their order, tells their places, and has them again where they are put back', async () => {
    const { server, redis } = await start();
    const options = { url: server.url, redis, model: 'a model/of:any name', log };
    const queue = await InterpreterQueue.open(options);
    const offered = await OfferedOrders.open(options);
    onTestFinished(async () => {
      await queue.close();
      await offered.close();
    });
    const [one, two, three] = [
      await queue.add(order('one')),
      await queue.add(order('two')),
      await queue.add(order('three')),
    ];
    expect(await queue.waiting()).toEqual([one, two, three]);
    expect([await queue.isWaiting(three), await queue.isWaiting('none')]).toEqual([true, false]);
    await queue.remove(two);
    const first = await offered.next();
    expect(first?.order).toEqual(order('one'));
    expect(await queue.waiting()).toEqual([three]);
    await first?.putBackFor(1);
    const next = [await offered.next(), await offered.next()];
    expect(next.map((offer) => [offer?.order.room, offer?.putBack]).sort()).toEqual([
      ['one', 1],
      ['three', 0],
    ]);
    for (const offer of next) await offer?.done();
    expect(await queue.waiting()).toEqual([]);
  });

  it('is there for both sides when Redis comes after them, and comes back', async () => {
    const { server, redis } = await start();
    await server.kill();
    const options = { url: server.url, redis, model: 'late', log };
    const queue = await InterpreterQueue.open(options);
    const offered = await OfferedOrders.open(options);
    onTestFinished(async () => {
      await queue.close();
      await offered.close();
    });
    await expect(queue.add(order('early'))).rejects.toThrow();
    for (const room of ['one', 'two']) {
      await server.run();
      await expect.poll(() => redis.isReady).toBe(true);
      await expect
        .poll(() =>
          queue.add(order(room)).then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
      // What was given up while Redis was away may come all the same.
      for (let taken = ''; taken !== room; ) {
        const next = await offered.next().catch(() => undefined);
        await next?.done();
        taken = next?.order.room ?? '';
      }
      await server.kill();
      await expect(queue.add(order('away'))).rejects.toThrow();
    }
  });
});
