import { describe, expect, it } from 'vitest';
import { ConnectionScheduler } from '../../../../account/connection-scheduler.ts';
import {
  connectionLimiterFor,
  localConnectionLimiter,
  unlimitedConnections,
} from '../../../../bot/session/connection-limiter.ts';
import { offline, qwen3 } from '../../../../config/models.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const alone = (connectionsPerMinute = 8) => {
  const clock = new FakeClock();
  return {
    clock,
    permits: localConnectionLimiter(new ConnectionScheduler({ connectionsPerMinute, tokensPerMinute: 100_000 }), clock),
  };
};

describe('the permits of one who has the account to themselves', () => {
  it('tell at once how long each connection has to wait', async () => {
    const { clock, permits } = alone();
    const first = permits.connect();
    clock.advance(300);
    await expect(first).resolves.toBe(0);
    await expect(permits.connect()).resolves.toBe(700);
    await expect(permits.connect()).resolves.toBe(1700);
  });

  it('tell those who wait, and nobody else, that the service has throttled', async () => {
    const { clock, permits } = alone();
    const heard: [string, number][] = [];
    for (const name of ['first', 'second', 'third']) await permits.connect((waitMs) => heard.push([name, waitMs]));
    permits.throttled();
    clock.advance(0);
    expect(heard).toEqual([
      ['second', 60_000],
      ['third', 61_000],
    ]);
  });

  it('tell nobody that their connection moved before they know of it', async () => {
    const { clock, permits } = alone();
    const heard: string[] = [];
    await permits.connect();
    const known = permits.connect((waitMs) => heard.push(`moved: ${waitMs}`));
    permits.throttled();
    heard.push(`booked: ${await known}`);
    clock.advance(0);
    expect(heard).toEqual(['booked: 1000', 'moved: 60000']);
  });

  it('refuse when too many wait', async () => {
    const { permits } = alone();
    for (let n = 0; n < 65; n++) await permits.connect();
    await expect(permits.connect()).rejects.toMatchObject({ message: expect.stringMatching(/64 .*ask again/) });
  });
});

describe('the permits of a model', () => {
  it('are the account’s where the service has limits, and no limits where it has none', async () => {
    const { permits } = alone();
    expect(connectionLimiterFor(qwen3, permits)).toBe(permits);
    const free = connectionLimiterFor(offline, permits);
    expect(free).toBe(unlimitedConnections);
    free.throttled();
    free.used(1e9);
    for (let n = 0; n < 100; n++) await expect(free.connect()).resolves.toBe(0);
  });
});
