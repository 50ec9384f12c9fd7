import { describe, expect, it } from 'vitest';
import { ConnectionScheduler } from '../../../../account/connection-scheduler.ts';
import {
  connectionLimiterFor,
  localConnectionLimiter,
  unlimitedConnections,
} from '../../../../bot/session/connection-limiter.ts';
import { offline, qwen3 } from '../../../../config/models.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

const alone = (connectionsPerMinute = 8) => {
  const clock = new FakeClock();
  return {
    clock,
    connectionLimiter: localConnectionLimiter(
      new ConnectionScheduler({ connectionsPerMinute, tokensPerMinute: 100_000 }),
      clock,
    ),
  };
};

describe('localConnectionLimiter', () => {
  it('returns at once how long each connection has to wait', async () => {
    const { clock, connectionLimiter } = alone();
    const first = connectionLimiter.reserve();
    clock.advance(300);
    await expect(first).resolves.toBe(0);
    await expect(connectionLimiter.reserve()).resolves.toBe(700);
    await expect(connectionLimiter.reserve()).resolves.toBe(1700);
  });

  it('notifies waiting holders, and nobody else, when the service throttles', async () => {
    const { clock, connectionLimiter } = alone();
    const heard: [string, number][] = [];
    for (const name of ['first', 'second', 'third'])
      await connectionLimiter.reserve((waitMs) => heard.push([name, waitMs]));
    connectionLimiter.throttled();
    clock.advance(0);
    expect(heard).toEqual([
      ['second', 60_000],
      ['third', 61_000],
    ]);
  });

  it('notifies no holder of a change before it knows its reservation', async () => {
    const { clock, connectionLimiter } = alone();
    const heard: string[] = [];
    await connectionLimiter.reserve();
    const known = connectionLimiter.reserve((waitMs) => heard.push(`moved: ${waitMs}`));
    connectionLimiter.throttled();
    heard.push(`reserved: ${await known}`);
    clock.advance(0);
    expect(heard).toEqual(['reserved: 1000', 'moved: 60000']);
  });

  it('refuses a reservation if too many wait', async () => {
    const { connectionLimiter } = alone();
    for (let n = 0; n < 65; n++) await connectionLimiter.reserve();
    await expect(connectionLimiter.reserve()).rejects.toMatchObject({
      message: expect.stringMatching(/64 .*ask again/),
    });
  });
});

describe('connectionLimiterFor', () => {
  it('is the limiter of the account for a model with limits, and unlimited for one without', async () => {
    const { connectionLimiter } = alone();
    expect(connectionLimiterFor(qwen3, connectionLimiter)).toBe(connectionLimiter);
    const free = connectionLimiterFor(offline, connectionLimiter);
    expect(free).toBe(unlimitedConnections);
    free.throttled();
    free.tokensUsed(1e9);
    for (let n = 0; n < 100; n++) await expect(free.reserve()).resolves.toBe(0);
  });
});
