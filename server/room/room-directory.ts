/**
 * Which server has which room, where several stand side by side. A server by itself has `everyRoomHere`. The server declares here what it
 * needs; `cluster/` keeps it in Redis.
 */
import { ApiError } from '@mediasoup-booth/protocol';

export interface RoomDirectory {
  /**
   * Asks for a room before it is opened here. From then on it is this server's, until it is released, or it is elsewhere.
   *
   * @returns undefined: the room may be opened here; a URL: it is at that server, where it is to be entered
   * @throws {ApiError} `unavailable` while it cannot be known whose the room is, or no server takes rooms
   */
  claim(room: string): Promise<string | undefined>;
  /** The URL of the other server that has the room now; undefined: it is here, or nowhere, or not known. */
  find(room: string): Promise<string | undefined>;
  /**
   * From now on the room is another server's for whoever asks anew, though it is open here until its people have been told.
   *
   * @returns the URL of that server; undefined: there is none
   */
  handOver(room: string): Promise<string | undefined>;
  /** The room is no longer here: any server may open it. */
  release(room: string): Promise<void>;
  /** Calls `listener` with each room that has become another server's, though it is open here: it is to be closed. */
  onLost(listener: (room: string) => void): void;
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
  handOver: async () => undefined,
  release: async () => {},
  onLost() {},
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
