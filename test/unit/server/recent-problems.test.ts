import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { RecentProblems } from '../../../server/recent-problems.ts';

const nowhere = () => new Writable({ write: (_piece, _encoding, done) => done() });
const opened = () => {
  const problems = new RecentProblems(() => Date.UTC(2026, 2, 26));
  return { problems, log: pino({ level: 'info', hooks: problems.hooks }, nowhere()) };
};

describe('the problems that the log has told of last', () => {
  it('are its warnings and errors, with the room and what the error said, the newest first', () => {
    const { problems, log } = opened();
    log.info('all is well');
    log.child({ room: 'hall' }).warn('interpreter restarted');
    log.error({ err: new Error('disk full'), room: 'attic' }, 'transcript cannot be written');
    log.warn({ problem: 'no answer in time' }, 'webhook delivery failed');
    expect(problems.all).toEqual([
      {
        at: '2026-03-26T00:00:00.000Z',
        level: 'warn',
        message: 'webhook delivery failed',
        detail: 'no answer in time',
      },
      {
        at: '2026-03-26T00:00:00.000Z',
        level: 'error',
        message: 'transcript cannot be written',
        detail: 'disk full',
        room: 'attic',
      },
      { at: '2026-03-26T00:00:00.000Z', level: 'warn', message: 'interpreter restarted', room: 'hall' },
    ]);
  });

  it('are at most 50, each of at most 500 characters', () => {
    const { problems, log } = opened();
    for (let n = 0; n < 60; n++) log.error({ err: new Error('y'.repeat(5000)) }, `${n} ${'x'.repeat(5000)}`);
    expect(problems.all).toHaveLength(50);
    expect(problems.all[0]?.message.startsWith('59 ')).toBe(true);
    for (const { message, detail } of problems.all) expect([message.length, detail?.length]).toEqual([500, 500]);
  });

  it('are still written to the log', () => {
    const lines: string[] = [];
    const sink = new Writable({ write: (piece, _encoding, done) => done(void lines.push(String(piece))) });
    const problems = new RecentProblems();
    pino({ hooks: problems.hooks }, sink).error({ room: 'hall' }, 'something failed');
    expect(JSON.parse(lines.join(''))).toMatchObject({ level: 50, room: 'hall', msg: 'something failed' });
  });
});
