/** The Redis server that the tests start: it answers, and comes back empty. */
import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { RedisServer } from '../support/redis-server.ts';

it('answers, and comes back empty on the same port when it was killed', async () => {
  const server = await RedisServer.start();
  onTestFinished(() => server.close());
  const redis = new Redis(server.url);
  onTestFinished(() => redis.disconnect());
  await redis.set('room', 'here');
  expect(await redis.get('room')).toBe('here');
  await server.kill();
  await server.run();
  expect(await redis.get('room')).toBeNull();
});
