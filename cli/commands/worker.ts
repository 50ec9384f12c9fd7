import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { messageOf, signalUrl } from '@mediasoup-booth/protocol';
import { OfferedOrders } from '../../cluster/interpreter-queue.ts';
import { InterpreterWorker } from '../../cluster/interpreter-worker.ts';
import { LeaseStore } from '../../cluster/lease-store.ts';
import { ANSWERS_WITHIN } from '../../cluster/leased-room.ts';
import { RedisConnection, withoutPassword } from '../../cluster/redis-connection.ts';
import { WorkerEndpoint, type WorkerEndpointOptions } from '../../cluster/worker-endpoint.ts';
import { capacityOf } from '../../cluster/worker-load.ts';
import { WorkerRegistry } from '../../cluster/worker-registry.ts';
import type { Config } from '../../config/schema.ts';
import { systemClock } from '../../time/clock.ts';
import { boothCommand } from '../arguments.ts';
import { measureLoad } from '../computer-load.ts';
import { UsageError } from '../errors.ts';
import { openInterpreterLauncher } from '../interpreter-launcher.ts';
import { openLog } from '../log.ts';
import { isVouchedFor } from '../room-voucher.ts';
import { readSettings } from '../settings.ts';
import { waitForStopSignal } from '../stop-signal.ts';

export const worker = boothCommand('worker')
  .description(
    'Runs interpreters for servers whose interpreter.placement is "workers", until it is stopped. It finds them by Redis (BOOTH_REDIS_URL).',
  )
  .action(async () => {
    const settings = readSettings();
    const { redis: redisConfig, worker: config } = settings.config;
    if (redisConfig.url === '') throw new UsageError('set BOOTH_REDIS_URL to the Redis that the servers use');
    const log = openLog(settings);
    const stopped = waitForStopSignal();
    const launcher = await openInterpreterLauncher(settings, log, { keepReady: true });
    const redis = await RedisConnection.open({ url: redisConfig.url, log });
    const orders = await OfferedOrders.open({ url: redisConfig.url, redis, model: launcher.choice.model.id, log });
    const load = measureLoad();
    const { leaseMs } = config;
    const id = `${hostname()}-${randomBytes(4).toString('hex')}`;
    const running = new InterpreterWorker({
      id,
      host: hostname(),
      capacity: capacityOf(config.capacity, load().cores),
      maxCpu: config.maxCpu,
      leaseMs,
      load,
      redis,
      leases: new LeaseStore(redis),
      registry: new WorkerRegistry(redis),
      orders,
      launch: ({ server, token, languages, languageSettings, pictures, settings: own }, fence, onState) =>
        launcher.launch({
          url: signalUrl(server),
          token,
          fence,
          languages,
          languageSettings,
          pictures,
          settings: own,
          onState,
        }),
      isVouchedFor: (order, fence) => isVouchedFor(order, fence, leaseMs * ANSWERS_WITHIN),
      clock: systemClock,
      log,
    });
    const endpoint = await openEndpoint(settings.config, {
      view: () => running.view,
      isRedisReady: () => redis.isReady,
    });
    const { capacity } = running.view;
    log.info({ worker: id, capacity, redis: withoutPassword(redisConfig.url) }, launcher.choice.view.label);
    // Programs read which worker it is.
    console.log(id);
    await stopped;
    await running.drain(config.drainSeconds * 1000);
    await endpoint?.close();
    await orders.close();
    await launcher.close();
    await redis.close();
  });

/** Undefined: none is wanted. @throws {UsageError} where the port is taken */
async function openEndpoint(
  { host, worker: { port } }: Config,
  options: Pick<WorkerEndpointOptions, 'view' | 'isRedisReady'>,
): Promise<WorkerEndpoint | undefined> {
  if (port === 0) return undefined;
  return WorkerEndpoint.open({ host, port, ...options }).catch((error: unknown) => {
    throw new UsageError(`the worker cannot listen on port ${port} (BOOTH_WORKER_PORT): ${messageOf(error)}`);
  });
}
