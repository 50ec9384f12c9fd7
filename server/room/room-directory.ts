/**
 * Which server has which room, where several stand side by side. A server by itself has `everyRoomHere`. The server declares here what it
 * needs; `cluster/` keeps it in Redis.
 */
import { ApiError } from '@mediasoup-booth/protocol';

/** A header of REST calls that come from another server: they are answered here, and passed on no further. */
export const PASSED_ON_HEADER = 'x-booth-passed-on';

export interface RoomDirectory {
  /**
   * Asks for a room before it is opened here. From then on it is this server's, until it is released, or it is elsewhere.
   *
   * @param options `ahead`: it may be opened here as well where another server has it, and has said by `announceMove` that it moves here
   * @returns undefined: the room may be opened here; a URL: it is at that server, where it is to be entered
   * @throws {ApiError} `unavailable` while it cannot be known whose the room is, or no server takes rooms, or the room does not move here
   */
  claim(room: string, options?: { ahead?: boolean }): Promise<string | undefined>;
  /** The room was opened here ahead of its move, and is another server's still. */
  isAhead(room: string): boolean;
  /** The URL of the other server that has the room now; undefined: it is here, or nowhere, or not known. */
  find(room: string): Promise<string | undefined>;
  /**
   * Chooses the server to which a room is going to move, which may open it ahead from now on. It is this one's until it is handed over.
   *
   * @returns the URL of that server; undefined: there is none
   */
  announceMove(room: string): Promise<string | undefined>;
  /** Makes the room that server's, though it is open here until its people have been told. @returns whether that is done */
  handOver(room: string, server: string): Promise<boolean>;
  /**
   * The server that had a room, which was opened here ahead, says that it is this one's from now on.
   *
   * @returns false: that comes too late, as the other has given the move up
   */
  accept(room: string): Promise<boolean>;
  /** The room is no longer here: any server may open it. */
  release(room: string): Promise<void>;
  /** Calls `listener` with each room that has become another server's, though it is open here: it is to be closed. */
  onLost(listener: (room: string) => void): void;
  /** Calls `listener` with each room that was opened here ahead of its move, and is this server's now. */
  onArrived(listener: (room: string) => void): void;
  /** No rooms come here any more. @returns whether there is another server to which rooms can go */
  drain(): Promise<boolean>;
  /** Whether `drain` was called. */
  readonly isDraining: boolean;
  /** What is not as it should be; undefined: all is. */
  readonly problem: string | undefined;
  /** Whether pages have to connect to servers other than the one that they come from. */
  readonly isShared: boolean;
}

/** Of a server that stands by itself. */
export const everyRoomHere: RoomDirectory = {
  claim: async () => undefined,
  find: async () => undefined,
  isAhead: () => false,
  announceMove: async () => undefined,
  handOver: async () => false,
  accept: async () => false,
  release: async () => {},
  onLost() {},
  onArrived() {},
  drain: async () => false,
  isDraining: false,
  problem: undefined,
  isShared: false,
};

/** The room is at another server. Clients are told of it, and go there. */
export class RoomElsewhereError extends ApiError {
  /** The URL of the server that has the room: `https://node-2.meet.example.org`. */
  readonly server: string;

  constructor(room: string, server: string) {
    super('elsewhere', `the room "${room}" is at ${server}: join it there`);
    this.server = server;
  }
}
