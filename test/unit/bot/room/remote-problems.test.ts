import type { ParticipantView } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import type { RoomProblem } from '../../../../bot/in-process/room-state.ts';
import { servedLanguages } from '../../../../bot/in-process/served-languages.ts';
import { participantsOf } from '../../../../bot/room/remote-people.ts';
import { RemoteProblems } from '../../../../bot/room/remote-problems.ts';
import type { RemoteRoom } from '../../../../bot/room/remote-room.ts';
import { qwen3 } from '../../../../config/models.ts';
import type { Logger } from '../../../../logging/logger.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

const LASTS_MS = 3000;
const people: ParticipantView[] = [...participantsOf([{ id: 'bea', reads: ['es'] }], [], 'booth-interpreter').values()];

function problemsOf(room: Pick<RemoteRoom, 'problems'>) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const write = (_: object, message: string) => void lines.push(message);
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  const problems = new RemoteProblems(room, servedLanguages(qwen3, 'auto'), clock, log);
  return { clock, lines, problems };
}

describe('what a room over the network lacks', () => {
  it('is logged, with what its host does over the network', () => {
    const { clock, lines, problems } = problemsOf({});
    problems.update(people, new Set());
    clock.advance(LASTS_MS);
    expect(lines).toEqual([expect.stringContaining('have people() return it, { speaks: "en" }')]);
  });

  it('is told to a room that takes it, and no more when it is mended; the log is left alone', () => {
    const told: (readonly RoomProblem[])[] = [];
    const { clock, lines, problems } = problemsOf({ problems: (list) => told.push(list) });
    problems.update(people, new Set());
    clock.advance(LASTS_MS);
    problems.update([], new Set());
    expect(told).toEqual([[{ code: 'nobodySpeaks', message: expect.stringContaining('have people() return it') }], []]);
    expect(lines).toEqual([]);
  });

  it('harms nothing where the room throws', () => {
    const { clock, lines, problems } = problemsOf({
      problems() {
        throw new Error('not mine');
      },
    });
    problems.update(people, new Set());
    clock.advance(LASTS_MS);
    expect(lines).toEqual(['member of the room failed']);
  });
});
