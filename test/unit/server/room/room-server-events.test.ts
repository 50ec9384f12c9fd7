import { CloseCode, type WebhookEvent } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import type { Participant } from '../../../../server/room/participant.ts';
import { RoomServerEvents } from '../../../../server/room/room-server-events.ts';
import { ServerEvents } from '../../../../server/server-events.ts';

const participant = (id: string, reader = false): Participant =>
  ({ id, identity: id, name: id.toUpperCase(), kind: 'person', reader }) as unknown as Participant;
const [ana, ben, lea] = [participant('ana'), participant('ben'), participant('lea', true)];
const interpreter = { id: 'booth-1', languages: ['es'], pictures: 'off', state: 'running' } as const;
const end = { durationMs: 1000, reason: 'the server is closing', meetingOver: false };

/** What is told of the room `hall`. */
function told() {
  const heard: WebhookEvent[] = [];
  const events = new ServerEvents(() => 0);
  events.on((event) => heard.push(event));
  const room = new RoomServerEvents({ events, room: 'hall', instance: 'a1' });
  const lines = () =>
    heard.map(({ type, data }) =>
      [type, 'participant' in data ? data.participant.id : '', 'reason' in data ? data.reason : ''].join(' ').trim(),
    );
  return { room, heard, lines };
}

describe('what other applications are told of a room', () => {
  it('is its beginning, who comes and leaves and why, and its end; nothing of readers', () => {
    const { room, heard, lines } = told();
    room.started([], undefined);
    room.joined(ana);
    room.joined(ben);
    room.joined(lea);
    room.interpreterState({ ...interpreter, languages: ['es'] });
    room.left(lea, CloseCode.removed);
    room.left(ben, CloseCode.removed);
    room.left(ben, CloseCode.goingAway);
    room.ended([ana, lea], end);
    expect(lines()).toEqual([
      'room.started',
      'participant.joined ana',
      'participant.joined ben',
      'interpreter.state',
      'participant.left ben removed',
      'participant.left ben left',
      'participant.left ana roomEnded',
      'room.ended  the server is closing',
    ]);
    expect(heard[0]?.data).toEqual({ room: 'hall', instance: 'a1' });
  });

  it('is nothing of a room that was opened ahead of its move, until it has moved; then who is in it', () => {
    const { room, lines } = told();
    room.joined(ana);
    room.joined(ben);
    room.left(ben, 1000);
    room.interpreterState({ ...interpreter, languages: ['es'] });
    expect(lines()).toEqual([]);
    room.started([ana, lea], { ...interpreter, languages: ['es'] });
    room.started([ana, lea], undefined);
    expect(lines()).toEqual(['room.started', 'participant.joined ana', 'interpreter.state']);
  });

  it('is nothing at all of a room that was opened ahead, and to which no meeting has moved', () => {
    const { room, lines } = told();
    room.joined(ana);
    room.ended([ana], end);
    expect(lines()).toEqual([]);
  });
});
