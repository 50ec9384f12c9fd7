/** Refuses an upgrade to a WebSocket: the reply is sent, and the socket is destroyed within a second, whether or not its other side closes. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../time/clock.ts';

/** How long a refused client has to take the reply and to close, in milliseconds. */
const GOODBYE_MS = 500;

/**
 * @param body an object that is sent as JSON. Default: nothing
 *
 * @example
 * server.on('upgrade', (request, socket) => refuseUpgrade(socket, clock, 404));
 */
export function refuseUpgrade(socket: Duplex, clock: Clock, status: number, body?: object): void {
  socket.on('error', () => socket.destroy());
  const content = body ? JSON.stringify(body) : '';
  const headers = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    ...(body ? ['Content-Type: application/json'] : []),
    `Content-Length: ${Buffer.byteLength(content)}`,
  ];
  // What the client still sends is not read, and does not delay its end.
  socket.resume();
  socket.end(`${headers.join('\r\n')}\r\n\r\n${content}`);
  const cancel = clock.after(GOODBYE_MS, () => socket.destroy());
  socket.once('close', cancel);
}
