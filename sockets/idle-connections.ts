/**
 * Bounds the TCP connections of an HTTP server that wait for a request, or for the rest of one: of each address and in all, the oldest is
 * destroyed when there is one more. So nobody keeps others out by connections over which nothing is asked; a connection whose request
 * is being answered, or that became a WebSocket, is not counted. A client that takes nothing of its answer for long is disconnected.
 */
import type { IncomingMessage, Server } from 'node:http';
import { Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

export interface IdleConnectionLimits {
  perAddress: number;
  inAll: number;
  /** A connection over which nothing moves for so many milliseconds, while it is answered, is destroyed. 0: never. */
  stalledMs: number;
}

/**
 * Over TLS a connection counts from its first byte, also while its handshake goes on.
 *
 * Node leaves upgrades to whoever listens for them, as this does: the server has to answer them from now on.
 *
 * @example
 * const http = createServer(serve);
 * boundIdleConnections(http, { perAddress: 256, inAll: 2048, stalledMs: 120_000 });
 */
export function boundIdleConnections(
  server: Server | SecureServer,
  { perAddress, inAll, stalledMs }: IdleConnectionLimits,
): void {
  /** Connections by address, each in the order in which they became idle. */
  const idle = new Map<string, Set<Duplex>>();
  const addresses = new WeakMap<Duplex, string>();
  /** How many requests that came as a whole are being answered over a connection: more than one where its client sends them in a row. */
  const answering = new WeakMap<Duplex, number>();
  /** Connections whose TLS handshake goes on, by the client's address and port. */
  const handshakes = new Map<string, Socket>();
  let total = 0;

  function add(socket: Duplex): void {
    const address = addresses.get(socket);
    if (address === undefined || socket.destroyed) return;
    const ofAddress = idle.get(address) ?? new Set();
    idle.set(address, ofAddress);
    if (ofAddress.has(socket)) return;
    ofAddress.add(socket);
    total++;
    if (ofAddress.size > perAddress) destroyOldest(ofAddress);
    else if (total > inAll) destroyOldest(largest(idle));
  }

  function remove(socket: Duplex): void {
    const address = addresses.get(socket);
    const ofAddress = address === undefined ? undefined : idle.get(address);
    if (address === undefined || !ofAddress?.delete(socket)) return;
    total--;
    if (ofAddress.size === 0) idle.delete(address);
  }

  function destroyOldest(sockets: Set<Duplex> | undefined): void {
    const [oldest] = sockets ?? [];
    if (!oldest) return;
    remove(oldest);
    oldest.destroy();
  }

  server.timeout = stalledMs;
  function accept(socket: Socket): void {
    addresses.set(socket, socket.remoteAddress ?? '');
    add(socket);
    socket.once('close', () => remove(socket));
  }

  server.on('connection', (socket: Socket) => {
    accept(socket);
    if (!(server instanceof SecureServer)) return;
    const client = clientOf(socket);
    handshakes.set(client, socket);
    socket.once('close', () => {
      if (handshakes.get(client) === socket) handshakes.delete(client);
    });
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    // Requests come over the encrypted socket: from now on it counts, and the one below no longer.
    const below = handshakes.get(clientOf(socket));
    handshakes.delete(clientOf(socket));
    if (below) remove(below);
    accept(socket);
  });
  server.on('request', (request, response) => {
    const { socket } = request;
    let isAnswered = false;
    const received = () => {
      if (isAnswered) return;
      answering.set(socket, (answering.get(socket) ?? 0) + 1);
      remove(socket);
      response.once('close', () => {
        const others = (answering.get(socket) ?? 1) - 1;
        answering.set(socket, others);
        if (others === 0) add(socket);
      });
    };
    response.once('close', () => {
      isAnswered = true;
    });
    // A request without a body is there as a whole, but is not `complete` yet, and may never "end": nobody has to read it.
    if (hasBody(request)) request.once('end', received);
    else received();
  });
  server.on('upgrade', (_request, socket) => remove(socket));
}

const clientOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

function largest(idle: ReadonlyMap<string, Set<Duplex>>): Set<Duplex> | undefined {
  return [...idle.values()].reduce((most, sockets) => (sockets.size > most.size ? sockets : most), new Set<Duplex>());
}
