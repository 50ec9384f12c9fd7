import type { InterpreterStats } from '@mediasoup-booth/protocol';
import { expect, it } from 'vitest';
import { StatsReporter } from '../../../../bot/stats/stats-reporter.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

const noErrors = { config: 0, account: 0, throttle: 0, transient: 0, content: 0 };

it('reports every 5 s until it is closed, also where a report does not arrive', async () => {
  const clock = new FakeClock();
  const reported: number[] = [];
  let opened = 0;
  const stats = (): InterpreterStats => ({
    speakers: [],
    channels: [],
    sessions: { open: 0, opened: ++opened, errors: noErrors },
  });
  const reportStats = async ({ sessions }: InterpreterStats) => {
    reported.push(sessions.opened);
    if (sessions.opened === 1) throw new Error('the connection to the room is closed');
  };
  const reporter = new StatsReporter(stats, { reportStats }, clock);
  clock.advance(4999);
  expect(reported).toEqual([]);
  for (let i = 0; i < 3; i++) clock.advance(5000);
  expect(reported).toEqual([1, 2, 3]);
  reporter.close();
  clock.advance(20_000);
  await Promise.resolve();
  expect(reported).toHaveLength(3);
});
