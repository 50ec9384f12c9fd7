/** All that one server shares with others in Redis, put together. */
import type { Logger } from '../logging/logger.ts';
import type { ServerOptions } from '../server/server.ts';
import { RedisConnection } from './redis-connection.ts';
import { RoomPins } from './room-pins.ts';
import { SharedGuessCounter } from './shared-guesses.ts';
import { SharedPermits } from './shared-permits.ts';
import { sharedOperators, sharedRevocations, sharedRules } from './shared-stores.ts';
import { sharedUsage } from './shared-usage.ts';

export interface SharedServerOptions {
  /** `redis://…` */
  redisUrl: string;
  /** The URL under which people reach this server, without a slash at its end. */
  url: string;
  log: Logger;
}

/**
 * @example
 * const shared = await openSharedServer({ redisUrl: 'redis://10.0.0.5', url: 'https://node-1.example.org', log });
 * const server = await startServer({ ...options, ...shared.serverOptions });
 * await shared.announce();
 * await server.close();
 * await shared.close();
 */
export async function openSharedServer({ redisUrl, url, log }: SharedServerOptions) {
  const redis = await RedisConnection.open({ url: redisUrl, log });
  const pins = new RoomPins({ redis, url, log });
  const nodeCount = () => Math.max(1, pins.nodes.length);
  const [rulesStore, revocationStore, operatorStore, usage] = await Promise.all([
    sharedRules({ redis, log }),
    sharedRevocations({ redis, log }),
    sharedOperators({ redis, log }),
    sharedUsage({ redis, log, node: url, nodeCount }),
  ]);
  const serverOptions = {
    directory: pins,
    rulesStore,
    revocationStore,
    operatorStore,
    sharedUsage: usage,
    guessCounter: new SharedGuessCounter(redis),
    sharedPermits: (options) => new SharedPermits({ ...options, redis, node: url, nodeCount, log }),
  } satisfies Partial<ServerOptions>;
  return {
    serverOptions,
    announce: () => pins.announce(),
    async close(): Promise<void> {
      await pins.close();
      await redis.close();
    },
  };
}
