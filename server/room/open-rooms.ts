/**
 * Which rooms are open, over a restart: a server that was killed tells other applications at its next start that the rooms which it had
 * have ended.
 */
import { z } from 'zod';
import { limits } from '../limits.ts';
import type { ServerEvents } from '../server-events.ts';

const KILLED = 'the server ended unexpectedly';

export const StoredRooms = z
  .array(z.object({ room: z.string(), instance: z.string(), startedMs: z.number() }))
  .max(limits.rooms);
export type StoredRooms = z.infer<typeof StoredRooms>;

/** Stores the open rooms. */
export interface OpenRoomsStore {
  /** Those that were open when the server ended. */
  readonly stored: StoredRooms;
  save(rooms: StoredRooms): void;
}

/**
 * Follows which rooms are open, and tells first which of an earlier process have ended. Where there is no store, it does neither.
 *
 * @param wallNow milliseconds since 1970
 */
export function followOpenRooms(store: OpenRoomsStore | undefined, events: ServerEvents, wallNow: () => number): void {
  if (!store) return;
  const open = new Map<string, StoredRooms[number]>();
  for (const { room, instance, startedMs } of store.stored)
    events.emit('room.ended', {
      room,
      instance,
      durationMs: Math.max(0, wallNow() - startedMs),
      reason: KILLED,
      meetingOver: false,
    });
  if (store.stored.length > 0) store.save([]);
  events.on(({ type, data, timestamp }) => {
    if (type === 'room.started') open.set(data.instance, { ...data, startedMs: Date.parse(timestamp) });
    else if (type === 'room.ended') open.delete(data.instance);
    else return;
    store.save([...open.values()]);
  });
}
