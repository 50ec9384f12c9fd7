/** The rooms by name: opened when first asked for, removed when they begin to close; at most 1000. */
import { ApiError } from '@mediasoup-booth/protocol';
import { limits } from '../limits.ts';
import type { Room } from './room.ts';
import { inRoom } from './room-context.ts';
import { everyRoomHere, type RoomDirectory, RoomElsewhereError } from './room-directory.ts';

/** What people are told whose room goes on at another server. They come back there. */
export const MOVED = 'the meeting goes on at another server';
const FAILED = 'something unforeseen failed in this room: join again';

/** @param options whether it is opened ahead of its move to this server; `closed` is called when it begins to close */
type OpenRoom = (name: string, options: { isAhead: boolean; closed(room: Room): void }) => Promise<Room>;

export class Rooms {
  readonly #open: OpenRoom;
  readonly #rooms = new Map<string, Promise<Room>>();
  readonly #opened = new Map<string, Room>();
  readonly #directory: RoomDirectory;
  readonly #written: (name: string) => Promise<void>;
  #closed = false;

  /**
   * @param open opens a room
   * @param directory which server has which room. Default: this one has them all
   * @param written resolves when a room that has closed writes nothing more. Default: at once
   */
  constructor(
    open: OpenRoom,
    directory: RoomDirectory = everyRoomHere,
    written: (name: string) => Promise<void> = async () => {},
  ) {
    this.#open = open;
    this.#directory = directory;
    this.#written = written;
    directory.onLost((name) => void this.#opened.get(name)?.close(MOVED));
    directory.onArrived((name) => void this.#opened.get(name)?.arrive());
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

  /**
   * The room of this name, opened if need be.
   *
   * @param options `ahead`: also one that is another server's still, and is about to move here
   * @throws {ApiError} at the bound, while the server is closing, or where the room that is wanted ahead does not move here
   * @throws {RoomElsewhereError} where another server has it
   */
  async obtain(name: string, { ahead = false } = {}): Promise<Room> {
    const there = this.#rooms.get(name);
    if (!there) return this.#begin(name, ahead);
    const room = await there.catch((error: unknown) => {
      // Who asked for it before was no one who comes ahead.
      if (ahead && error instanceof RoomElsewhereError) return undefined;
      throw error;
    });
    if (!room) return this.obtain(name, { ahead });
    if (!ahead && this.#directory.isAhead(name)) await this.#claim(name, false);
    await room.arriving;
    return room;
  }

  /**
   * A room that was opened here ahead, which its server says is this one's from now on.
   *
   * @throws {ApiError} where it is not here, or this server is being stopped, or the room has been given to another meanwhile
   */
  async accept(name: string): Promise<Room> {
    const room = this.get(name);
    if (this.#directory.isDraining) throw new ApiError('unavailable', 'this server is being stopped');
    if (!(await this.#directory.accept(name)))
      throw new ApiError('unavailable', 'the room does not move here any more');
    return room;
  }

  /** Closes a room that was opened ahead, where it does not move here after all. */
  async abandon(name: string): Promise<void> {
    const room = await this.#rooms.get(name)?.catch(() => undefined);
    if (this.#directory.isAhead(name)) await room?.close(MOVED, { over: true });
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

  #begin(name: string, ahead: boolean): Promise<Room> {
    if (this.#closed) return Promise.reject(new ApiError('unavailable', 'the server is closing'));
    if (this.#rooms.size >= limits.rooms)
      return Promise.reject(
        new ApiError('tooMany', `there are ${limits.rooms} rooms, which is as many as are allowed`),
      );
    const opening = this.#openNow(name, ahead);
    this.#rooms.set(name, opening);
    return opening;
  }

  /** @throws {RoomElsewhereError} where another server has the room */
  async #claim(name: string, ahead: boolean): Promise<void> {
    const elsewhere = await this.#directory.claim(name, { ahead });
    if (elsewhere !== undefined) throw new RoomElsewhereError(name, elsewhere);
  }

  async #openNow(name: string, ahead: boolean): Promise<Room> {
    let isHere = false;
    try {
      await this.#claim(name, ahead);
      isHere = true;
      const isAhead = this.#directory.isAhead(name);
      const room = await inRoom(name, () => this.#open(name, { isAhead, closed: () => this.#remove(name) }));
      this.#opened.set(name, room);
      if (isAhead && !this.#directory.isAhead(name)) void room.arrive();
      return room;
    } catch (error) {
      if (isHere) this.#remove(name);
      else this.#rooms.delete(name);
      throw error;
    }
  }

  #remove(name: string): void {
    this.#opened.delete(name);
    if (!this.#rooms.delete(name)) return;
    // Whoever opens it next goes on with what was written of it.
    void this.#written(name).then(() => (this.#rooms.has(name) ? undefined : this.#directory.release(name)));
  }
}
