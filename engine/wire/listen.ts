/**
 * Serves LiveTranslate sessions over WebSockets: the only file here that knows sockets. Holds at most 64 sessions, messages
 * of 4 MB and 8 MB of frames that a client has not read; a client that has been silent for 60 s is let go.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../clock.ts';
import type { Backend } from './backend.ts';
import { WireSession } from './session.ts';

const PATH = '/api-ws/v1/realtime';
const MAX_SESSIONS = 64;
/** Larger than what a session follows, so that a message of the wrong size is answered and not punished. */
const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;
const MAX_MODEL_CHARACTERS = 128;
const PING_EVERY_MS = 20_000;
const SILENT_PINGS = 3;
const CLOSE_WITHIN_MS = 2000;

export interface ListenOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  backend: Backend;
  /** The model that a client gets that names none. */
  model: string;
  clock: Clock;
  log: Pick<Logger, 'debug' | 'warn' | 'error'>;
}

export interface Listening {
  /** Where clients connect, without the model. */
  url: string;
  /** Ends every session; settles when the port is free. */
  close(): Promise<void>;
}

export async function listen(options: ListenOptions): Promise<Listening> {
  const { host, port, log, clock } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES, perMessageDeflate: false });
  const server = createServer((request, response) => {
    const healthy = request.method === 'GET' && request.url === '/healthz';
    response.writeHead(healthy ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: healthy ? 'ok' : 'not found' }));
  });
  server.on('upgrade', (request, socket, head) => {
    const query = sessionQuery(request);
    if (!query) refuse(socket, 404);
    else if (sockets.clients.size >= MAX_SESSIONS) refuse(socket, 503);
    else {
      const model = query.get('model')?.slice(0, MAX_MODEL_CHARACTERS) || options.model;
      sockets.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, model, options));
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  server.on('error', (error) => log.error({ err: error }, 'the engine’s port failed'));

  return {
    url: urlOf(server.address() as AddressInfo),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const client of sockets.clients) client.close(1001, 'the engine is closing');
      const cancel = clock.after(CLOSE_WITHIN_MS, () => {
        for (const client of sockets.clients) client.terminate();
        server.closeAllConnections();
      });
      await closed;
      cancel();
    },
  };
}

/** Undefined: the request is for something that is not here. */
function sessionQuery(request: IncomingMessage): URLSearchParams | undefined {
  const url = URL.parse(request.url ?? '', 'ws://engine');
  return url?.pathname === PATH ? url.searchParams : undefined;
}

function refuse(socket: Duplex, status: number): void {
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function serve(socket: WebSocket, model: string, { backend, clock, log }: ListenOptions): void {
  const session = new WireSession({
    model,
    backend,
    send(frame) {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(frame);
      if (socket.bufferedAmount > MAX_UNREAD_BYTES) {
        log.warn('a client does not read what it is sent');
        socket.terminate();
      }
    },
    close: (code, reason) => socket.close(code, reason),
    clock,
    id: (kind) => `${kind}_${randomUUID().replaceAll('-', '')}`,
    log,
  });
  const stopPinging = keepAlive(socket, clock);
  socket.on('message', (data, isBinary) => {
    if (isBinary) session.receiveBinary();
    else session.receive(data.toString());
  });
  // A failed connection is followed by its end.
  socket.on('error', (error) => log.debug({ err: error }, 'a client’s connection failed'));
  socket.on('close', () => {
    stopPinging();
    session.close();
  });
}

/** A connection that was cut somewhere on the way looks open for ever to who only listens. */
function keepAlive(socket: WebSocket, clock: Clock): () => void {
  let unanswered = 0;
  const heard = (): void => {
    unanswered = 0;
  };
  socket.on('message', heard);
  socket.on('pong', heard);
  let cancel = clock.after(PING_EVERY_MS, ping);
  return () => cancel();

  function ping(): void {
    if (unanswered === SILENT_PINGS) {
      socket.terminate();
      return;
    }
    unanswered++;
    if (socket.readyState === socket.OPEN) socket.ping();
    cancel = clock.after(PING_EVERY_MS, ping);
  }
}

function urlOf({ address, family, port }: AddressInfo): string {
  const name = family === 'IPv6' ? `[${address}]` : address;
  return `ws://${name}:${port}${PATH}`;
}
