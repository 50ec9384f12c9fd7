/** `booth start` that is told to stop in mid-meeting, as a terminal or a service manager tells it. */
import { expect, it } from 'vitest';
import { ServedMeeting } from '../support/served.ts';

it.each(['SIGTERM', 'SIGINT', 'Ctrl-C'] as const)('%s says goodbye, and ends well', async (how) => {
  const meeting = await ServedMeeting.start({ BOOTH_LOG_LEVEL: 'info' });
  const listener = await meeting.listen('es');
  const { exitCode, stderr } = await meeting.stop(how);
  expect({ exitCode, closed: stderr.includes('server closed') }).toEqual({ exitCode: 0, closed: true });
  expect(stderr).not.toMatch(/Warning|"level":[456]0/);
  expect((await listener.ended).stderr).toContain('the server is closing');
});
