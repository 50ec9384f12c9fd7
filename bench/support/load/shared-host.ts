/** What the host of the load shares in Redis, where it should: all that a server does, and a worker to which interpreters are given by orders. */
import { InterpreterDispatch } from '../../../cluster/interpreter-dispatch.ts';
import { InterpreterQueue, OfferedOrders } from '../../../cluster/interpreter-queue.ts';
import { InterpreterWorker } from '../../../cluster/interpreter-worker.ts';
import { LeaseStore } from '../../../cluster/lease-store.ts';
import type { LaunchOrdered } from '../../../cluster/leased-room.ts';
import { RedisConnection } from '../../../cluster/redis-connection.ts';
import { openSharedServer } from '../../../cluster/shared-server.ts';
import { WorkerRegistry } from '../../../cluster/worker-registry.ts';
import { qwen3 } from '../../../config/models.ts';
import type { Logger } from '../../../logging/logger.ts';
import type { LaunchInterpreter } from '../../../server/room/room-interpreter.ts';
import { systemClock } from '../../../time/clock.ts';

/** Names the node: nobody asks for it, as it is the only one. */
const NODE_URL = 'http://127.0.0.1:1';
const LEASE_MS = 4000;
const CAPACITY = 1000;
const SETTINGS = {
  sessionIdleTimeoutMs: 240_000,
  limits: { maxSessions: 64 },
  playout: { tracks: 'perSpeaker' as const, maxLagMs: 15_000, voices: 1 },
};
/** It takes whatever comes, however busy the computer is: what it asks of Redis is measured. */
const IDLE = { cpu: 0, cores: 1, eventLoopDelayMs: 0, freeMemoryMb: 1024 };

/**
 * @param launch starts an interpreter here, as the worker does
 * @example
 * const shared = await openSharedHost('redis://127.0.0.1:6379', launch, log);
 * const server = await startServer({ ...options, ...shared.serverOptions, launchInterpreter: shared.launchInterpreter });
 * await shared.announce();
 */
export async function openSharedHost(url: string, launch: LaunchOrdered, log: Logger) {
  const { serverOptions, announce, close } = await openSharedServer({ redisUrl: url, url: NODE_URL, log });
  const [redis, workerRedis] = [await RedisConnection.open({ url, log }), await RedisConnection.open({ url, log })];
  const model = qwen3.id;
  const [queue, orders] = [
    await InterpreterQueue.open({ url, redis, model, log }),
    await OfferedOrders.open({ url, redis: workerRedis, model, log }),
  ];
  const registry = new WorkerRegistry(redis);
  const dispatch = new InterpreterDispatch({
    redis,
    leases: new LeaseStore(redis),
    registry,
    queue,
    clock: systemClock,
    log,
  });
  const worker = new InterpreterWorker({
    id: 'worker',
    host: 'host',
    capacity: CAPACITY,
    maxCpu: 1,
    leaseMs: LEASE_MS,
    load: () => IDLE,
    redis: workerRedis,
    leases: new LeaseStore(workerRedis),
    registry: new WorkerRegistry(workerRedis),
    orders,
    launch,
    isVouchedFor: async () => true,
    clock: systemClock,
    log,
  });
  const launchInterpreter: LaunchInterpreter = ({ id, url: server, ...request }) =>
    dispatch.launch({ ...request, interpreter: id, server, settings: SETTINGS });
  return {
    serverOptions,
    launchInterpreter,
    announce,
    async close(): Promise<void> {
      await worker.drain(0);
      await dispatch.close();
      await Promise.all([queue.close(), orders.close()]);
      await Promise.all([redis.close(), workerRedis.close()]);
      await close();
    },
  };
}
