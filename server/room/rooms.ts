/** The rooms by name: opened when first asked for, removed when they begin to close; at most 1000. */
import { ApiError } from '@mediasoup-booth/protocol';
import { limits } from '../limits.ts';
import type { Room } from './room.ts';
import { inRoom } from './room-context.ts';

const FAILED = 'something unforeseen failed in this room: join again';

export class Rooms {
  readonly #open: (name: string, closed: (room: Room) => void) => Promise<Room>;
  readonly #rooms = new Map<string, Promise<Room>>();
  readonly #opened = new Map<string, Room>();
  #closed = false;

  constructor(open: (name: string, closed: (room: Room) => void) => Promise<Room>) {
    this.#open = open;
  }

  get all(): Room[] {
    return [...this.#opened.values()];
  }

  has(name: string): boolean {
    return this.#rooms.has(name);
  }

  find(name: string): Room | undefined {
    return this.#opened.get(name);
  }

  /** The room, if it is open. @throws {ApiError} when it is not */
  get(name: string): Room {
    const room = this.find(name);
    if (!room) throw new ApiError('notFound', `there is no room "${name}": it begins when someone enters it`);
    return room;
  }

  /** The room of this name, opened if need be. @throws {ApiError} at the bound, or while the server is closing */
  obtain(name: string): Promise<Room> {
    const there = this.#rooms.get(name);
    if (there) return there;
    if (this.#closed) return Promise.reject(new ApiError('unavailable', 'the server is closing'));
    if (this.#rooms.size >= limits.rooms)
      return Promise.reject(
        new ApiError('tooMany', `there are ${limits.rooms} rooms, which is as many as are allowed`),
      );
    const opening = this.#openNow(name);
    this.#rooms.set(name, opening);
    return opening;
  }

  /** Closes a room, if it is open, in which something failed that nobody caught. Resolves when it has closed, whatever fails in that. */
  async fail(name: string): Promise<void> {
    const room = this.#opened.get(name);
    this.#remove(name);
    await room?.close(FAILED).catch(() => {});
  }

  /** Resolves when every room has closed. */
  async close(reason: string): Promise<void> {
    this.#closed = true;
    const rooms = await Promise.allSettled(this.#rooms.values());
    await Promise.all(rooms.map((room) => room.status === 'fulfilled' && room.value.close(reason)));
  }

  async #openNow(name: string): Promise<Room> {
    try {
      const room = await inRoom(name, () => this.#open(name, () => this.#remove(name)));
      this.#opened.set(name, room);
      return room;
    } catch (error) {
      this.#remove(name);
      throw error;
    }
  }

  #remove(name: string): void {
    this.#rooms.delete(name);
    this.#opened.delete(name);
  }
}
