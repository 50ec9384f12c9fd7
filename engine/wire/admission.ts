/** How clients connect to an engine: the interface between an engine and its sockets, or a test without sockets. */

export interface ConnectRequest {
  model: string;
  /** The key in `Authorization: Bearer …`. */
  key?: string;
}

/** The answer to an upgrade that is refused. */
export interface UpgradeRefusal {
  status: number;
  body?: object;
}

export type Admission = UpgradeRefusal | { open(client: ClientConnection): ServiceConnection };

/** The connection, as the engine uses it. */
export interface ClientConnection {
  send(frame: string): void;
  /** Closes the connection with a code and a reason. */
  close(code: number, reason: string): void;
  /** Ends the connection without a close frame. */
  terminate(): void;
  /** Leaves close frames of the client unanswered from now on. */
  ignoreClose(): void;
}

/** The engine's handler of a connection. */
export interface ServiceConnection {
  receive(text: string): void;
  receiveBinary(): void;
  /** The connection is gone. */
  close(): void;
}
