/** Who comes to an engine, and what becomes of them: what sockets, or a test without any, need to know of an engine. */

export interface ConnectRequest {
  model: string;
  /** Of `Authorization: Bearer …`. */
  key?: string;
}

/** The upgrade is answered by this status and JSON instead. */
export interface UpgradeRefusal {
  status: number;
  body?: object;
}

export type Admission = UpgradeRefusal | { open(client: ClientConnection): ServiceConnection };

/** The engine's end of a connection. */
export interface ClientConnection {
  send(frame: string): void;
  /** Says goodbye, and why. */
  close(code: number, reason: string): void;
  /** Ends the connection without a word. */
  terminate(): void;
  /** From now on nobody's goodbye is answered. */
  ignoreClose(): void;
}

/** The client's end of a connection, as it comes in. */
export interface ServiceConnection {
  receive(text: string): void;
  receiveBinary(): void;
  /** The connection is gone. */
  close(): void;
}
