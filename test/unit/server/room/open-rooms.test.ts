import type { WebhookEvent } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { followOpenRooms, type StoredRooms } from '../../../../server/room/open-rooms.ts';
import { ServerEvents } from '../../../../server/server-events.ts';

const NOW_MS = Date.UTC(2026, 2, 26);
const hall = { room: 'hall', instance: 'one' };
const attic = { room: 'attic', instance: 'two' };
const ended = { durationMs: 1, reason: 'everyone has left', meetingOver: true };

function followed(stored: StoredRooms) {
  const told: WebhookEvent[] = [];
  const saved: StoredRooms[] = [];
  const events = new ServerEvents(() => NOW_MS);
  events.on((event) => told.push(event));
  followOpenRooms({ stored, save: (rooms) => saved.push(rooms) }, events, () => NOW_MS);
  return { told, saved, events };
}

describe('the rooms that are open', () => {
  it('are stored as they come and go', () => {
    const { saved, events } = followed([]);
    events.emit('room.started', hall);
    events.emit('room.started', attic);
    events.emit('room.ended', { ...hall, ...ended });
    expect(saved.map((rooms) => rooms.map(({ room }) => room))).toEqual([['hall'], ['hall', 'attic'], ['attic']]);
  });

  it('of a server that was killed are told to have ended, once', () => {
    const { told, saved } = followed([{ ...hall, startedMs: NOW_MS - 60_000 }]);
    expect(told).toEqual([
      {
        type: 'room.ended',
        timestamp: '2026-03-26T00:00:00.000Z',
        data: { ...hall, durationMs: 60_000, reason: 'the server ended unexpectedly', meetingOver: false },
      },
    ]);
    expect(saved).toEqual([[]]);
  });
});
