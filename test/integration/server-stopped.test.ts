/** `booth start` that is told to stop in mid-meeting, as a terminal or a service manager tells it. */
import { expect, it } from 'vitest';
import { descendantsOf, isRunning } from '../../scripts/test/processes.mjs';
import { ServedMeeting } from '../support/served.ts';
import { until } from '../support/until.ts';

it.each(['SIGTERM', 'SIGINT', 'Ctrl-C'] as const)('%s says goodbye, and ends well', async (how) => {
  const meeting = await ServedMeeting.start({ BOOTH_LOG_LEVEL: 'info' });
  const listener = await meeting.listen('es');
  const { exitCode, stderr } = await meeting.stop(how);
  expect({ exitCode, closed: stderr.includes('server closed') }).toEqual({ exitCode: 0, closed: true });
  expect(complaintsIn(stderr)).toEqual([]);
  expect((await listener.ended).stderr).toContain('the server is closing');
});

it('Ctrl-C that media workers hear before the server is no failure of theirs', async () => {
  const meeting = await ServedMeeting.start({ BOOTH_LOG_LEVEL: 'info' });
  const listener = await meeting.listen('es');
  const workers = descendantsOf(meeting.pid).filter(({ name }) => name.startsWith('mediasoup'));
  expect(workers.length).toBeGreaterThan(0);
  for (const { pid } of workers) process.kill(pid, 'SIGINT');
  await until(() => !workers.some(isRunning));
  const { exitCode, stderr } = await meeting.stop('SIGINT');
  expect({ exitCode, closed: stderr.includes('server closed') }).toEqual({ exitCode: 0, closed: true });
  expect(complaintsIn(stderr)).toEqual([]);
  expect((await listener.ended).stderr).toContain('the server is closing');
});

/** Warnings and errors of a log, and what Node itself warns of. */
function complaintsIn(log: string): string[] {
  return log.split('\n').filter((line) => /Warning|"level":[456]0/.test(line));
}
