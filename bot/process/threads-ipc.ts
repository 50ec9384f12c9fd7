/**
 * The messages between the server, the process that interprets its rooms, and that process's threads: rooms go down, their states and signs of
 * life come up. A room is a number here, which the server's side gives it.
 */
import type { InterpreterAssignment } from './interpreter-ipc.ts';

/** To the process, and on to a thread. */
export type RoomOrder =
  | { type: 'open'; room: number; assignment: InterpreterAssignment }
  /** The interpreter leaves the room; `closed` follows. */
  | { type: 'close'; room: number };

/** To the process alone. */
export type ProcessOrder =
  | RoomOrder
  /** A thread whose code is loaded is wanted before the first room comes. */
  | { type: 'prepare' };

/** From a thread. */
export type RoomsThreadMessage =
  /** The first one: the code is loaded. */
  | { type: 'started' }
  /** Sent every `ROOMS_ALIVE_EVERY_MS`: the event loop turns. */
  | { type: 'alive' }
  /** One line of a room's log, as JSON. */
  | { type: 'log'; line: string }
  | { type: 'running'; room: number }
  /** The connection to the room, or its media, was lost and is being made again; `running` follows. */
  | { type: 'lost'; room: number; reason: string }
  /** The interpreter has ended, and so would every other with this assignment. */
  | { type: 'failed'; room: number; reason: string }
  | { type: 'closed'; room: number };

/** From the process. `message` is a sentence for people. */
export type ThreadsMessage =
  | { type: 'alive' }
  | { type: 'state'; room: number; state: 'running' | 'restarting' | 'failed'; message?: string }
  | { type: 'closed'; room: number };

export const ROOMS_ALIVE_EVERY_MS = 500;
