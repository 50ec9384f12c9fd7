/** What the client of the translation service needs of a socket, so that it can be driven without one. */

export interface ServiceSocket {
  send(text: string): void;
  /** Bytes that were sent and that the network has not taken yet. */
  readonly backlogBytes: number;
  /** Asks the other side to close. It may never answer. */
  close(): void;
  /** Ends the connection without asking. */
  terminate(): void;
}

/** Why a connection ended, or never came to be. */
export type Ending =
  | { how: 'closed'; code: number; reason: string }
  /** The upgrade was answered with something else than 101. */
  | { how: 'refused'; status: number; body: string }
  /** The system's word for it: `ECONNREFUSED`, `ENOTFOUND`, … */
  | { how: 'unreachable'; code: string; message: string };

export interface SocketListener {
  opened(): void;
  received(text: string): void;
  /** Something the protocol has no room for: a binary frame. */
  receivedBinary(): void;
  /** The network took something: there may be room for more. */
  drained(): void;
  /** Once, the last call. */
  ended(ending: Ending): void;
}

/** Begins to connect. The listener hears nothing before this returns. */
export type Dial = (listener: SocketListener) => ServiceSocket;

/** The service on the other side, as errors speak of it. */
export interface ServiceEndpoint {
  /** Host and port. */
  host: string;
  /** Never shown, even where the service itself repeats it. */
  key?: string;
}
