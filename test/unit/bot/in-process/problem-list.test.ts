import { describe, expect, it } from 'vitest';
import { ProblemList } from '../../../../bot/in-process/problem-list.ts';
import type { RoomProblem } from '../../../../bot/in-process/room-state.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

const problem = (code: RoomProblem['code'], person?: string): RoomProblem => ({
  code,
  message: 'words',
  ...(person !== undefined && { person }),
});

function listed() {
  const clock = new FakeClock();
  const seen = { changes: 0, logged: [] as string[] };
  const list = new ProblemList({
    clock,
    onChanged: () => seen.changes++,
    onNew: ({ code, person }) => seen.logged.push([code, person].join(' ').trim()),
  });
  return { clock, seen, list, codes: () => list.current.map(({ code }) => code) };
}

describe('the problems of a room', () => {
  it('are told at once, and that they are over, and logged once', () => {
    const { list, seen, codes } = listed();
    list.set('a', [problem('notOpus', 'ann')]);
    list.set('a', [problem('notOpus', 'ann')]);
    list.set('b', [problem('budget')]);
    expect(codes()).toEqual(['notOpus', 'budget']);
    expect(seen).toEqual({ changes: 2, logged: ['notOpus ann', 'budget'] });
    list.set('a', []);
    list.set('a', [problem('notOpus', 'ann')]);
    expect(seen).toEqual({ changes: 4, logged: ['notOpus ann', 'budget'] });
    list.retain((source) => source === 'b');
    expect(codes()).toEqual(['budget']);
  });

  it('that the next calls may resolve are told when they have lasted', () => {
    const { list, seen, codes, clock } = listed();
    list.set('people', [problem('nobodySpeaks')]);
    clock.advance(2000);
    list.set('people', []);
    clock.advance(5000);
    expect(seen.changes).toBe(0);
    list.set('people', [problem('noMicrophone')]);
    clock.advance(2000);
    list.set('people', [problem('noMicrophone')]);
    clock.advance(1000);
    expect(codes()).toEqual(['noMicrophone']);
    expect(seen).toEqual({ changes: 1, logged: ['noMicrophone'] });
  });

  it('leave no timer behind', () => {
    const { list, clock, seen } = listed();
    list.set('people', [problem('nobodySpeaks')]);
    list.close();
    list.set('people', [problem('budget')]);
    expect([clock.pending, seen.changes]).toEqual([0, 0]);
  });
});
