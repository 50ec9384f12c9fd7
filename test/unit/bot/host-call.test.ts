/** What a host's code throws. */
import { expect, it } from 'vitest';
import { callHost, HostReader, safeLimiter } from '../../../bot/host-call.ts';

const bug = (): never => {
  throw new Error('a bug of the host');
};

it('reports what a call throws at once, and what it rejects with', async () => {
  const failed: string[] = [];
  const report = (error: unknown) => failed.push(String(error));
  const thrown = callHost(bug, report);
  expect(failed).toEqual(['Error: a bug of the host']);
  await thrown;
  await callHost(() => Promise.reject(new Error('later')), report);
  await callHost(() => 'fine', report);
  expect(failed).toEqual(['Error: a bug of the host', 'Error: later']);
});

it('logs the first failure of each thing that is read, and goes on without it', () => {
  const members: unknown[] = [];
  const host = new HostReader({ error: (fields) => void members.push('member' in fields && fields.member) });
  expect([host.read('now', bug, 1), host.read('now', bug, 2), host.read('now', () => 3, 4)]).toEqual([1, 2, 3]);
  host.read('budget', bug, undefined);
  expect(members).toEqual(['now', 'budget']);
});

it('has a limiter that throws reject a reservation, and count nothing', async () => {
  const limiter = safeLimiter({ reserve: bug, tokensUsed: bug, throttled: bug }, new HostReader({ error() {} }));
  limiter.tokensUsed(1);
  limiter.throttled();
  await expect(limiter.reserve()).rejects.toThrow('a bug of the host');
});
