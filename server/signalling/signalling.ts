/** Accepts signalling sockets at their path, terminates those whose peer is gone, and closes all with the server. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { CloseCode, MAX_SIGNAL_BYTES, SIGNAL_PATH } from '../../protocol/signalling.ts';
import { every } from '../../time/clock.ts';
import { limits } from '../limits.ts';
import { SignallingConnection, type SignallingDeps } from './connection.ts';

/** How long a peer has to close its side, in milliseconds. */
const GOODBYE_MS = 1000;

export class SignallingServer {
  readonly #deps: SignallingDeps;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_SIGNAL_BYTES });
  readonly #connections = new Set<SignallingConnection>();
  readonly #stopPinging: () => void;

  constructor(http: Server, deps: SignallingDeps) {
    this.#deps = deps;
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#stopPinging = every(deps.clock, limits.pingEveryMs, () => this.#checkAlive());
  }

  /** Resolves when every socket has closed; those whose peer does not close in time are terminated. */
  async close(): Promise<void> {
    this.#stopPinging();
    const gone = new Promise<void>((resolve) => this.#sockets.close(() => resolve()));
    for (const connection of this.#connections) connection.close(CloseCode.goingAway, 'the server is closing');
    const cancelCutOff = this.#deps.clock.after(GOODBYE_MS, () => {
      for (const socket of this.#sockets.clients) socket.terminate();
    });
    await gone;
    cancelCutOff();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const [path] = (request.url ?? '').split('?');
    if (path !== SIGNAL_PATH) reject(socket, '404 Not Found');
    else if (this.#isFull()) reject(socket, '503 Service Unavailable');
    else this.#accept(request, socket, head);
  }

  #accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new SignallingConnection(webSocket, this.#deps);
      this.#connections.add(connection);
      webSocket.on('close', () => this.#connections.delete(connection));
    });
  }

  #isFull(): boolean {
    if (this.#connections.size >= limits.connections) return true;
    let waiting = 0;
    for (const { isAuthenticated: known } of this.#connections) if (!known) waiting++;
    return waiting >= limits.connectionsNotJoined;
  }

  #checkAlive(): void {
    for (const connection of this.#connections) connection.checkAlive();
  }
}

function reject(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
