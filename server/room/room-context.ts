/**
 * Knows in which room's code an error was thrown that nobody caught: in what was started by it, too, as timers and promises are. So an
 * error in one room ends that room, and no other.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

const rooms = new AsyncLocalStorage<string>();

/**
 * Runs code of a room.
 *
 * @throws what `run` throws
 *
 * @example
 * const room = await inRoom('lobby', () => Room.open('lobby', workers, settings));
 */
export const inRoom = <T>(room: string, run: () => T): T => rooms.run(room, run);

/** Runs a listener of a room. What it throws is thrown again where the room is known: who emits events knows none, or drops errors. */
export const listenInRoom = (room: string, listener: () => void): void =>
  rooms.run(room, () => {
    try {
      listener();
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  });

/** The room whose code is running, or has started what is running; undefined: none. For `process.on('uncaughtException')`. */
export const currentRoom = (): string | undefined => rooms.getStore();
