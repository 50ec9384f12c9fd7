/**
 * Serves the vendor's realtime endpoint over WebSockets; the only file of this folder that uses sockets. Who is admitted, and what
 * answers them, is passed in; pages of a browser never are, as no page is a client of an engine. At most 64 connections by default, 4 MB for each message and 8 MB of frames that a client has not read; a client
 * that has been silent for 60 s is disconnected.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { Logger } from '../../logging/logger.ts';
import { boundIdleConnections } from '../../sockets/idle-connections.ts';
import { keepAlive } from '../../sockets/keep-alive.ts';
import { refuseUpgrade } from '../../sockets/refuse-upgrade.ts';
import type { Clock } from '../../time/clock.ts';
import type { Admission, ClientConnection, ConnectRequest, ServiceConnection } from './admission.ts';
import type { Backend } from './backend.ts';
import { isRightKey } from './key-check.ts';
import { WireSession } from './wire-session.ts';

const PATH = '/api-ws/v1/realtime';
const MAX_CONNECTIONS = 64;
/** Larger than what a session accepts, so that a message that is too large gets an error frame and not a close. */
const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;
const MAX_MODEL_CHARACTERS = 128;
const CLOSE_WITHIN_MS = 2000;
/** How long a client has to send its request, in milliseconds. */
const REQUEST_MS = 10_000;
/** Connections over which nothing was asked. */
const IDLE_CONNECTIONS = { perAddress: 64, inAll: 256, stalledMs: 120_000 };

export interface ServeOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  /** The model of a client that names none. */
  model: string;
  admit(request: ConnectRequest): Admission;
  /** JSON documents that GET returns, by path, besides `/healthz`. */
  pages?: Readonly<Record<string, () => object>>;
  /** Default: 64. */
  maxConnections?: number;
  clock: Clock;
  log: Pick<Logger, 'debug' | 'warn' | 'error'>;
}

export interface EngineServer {
  /** The URL that clients connect to, without the model. */
  url: string;
  /** Ends every session. Resolves when the port is free. */
  close(): Promise<void>;
}

/** @throws what `server.listen` reports, such as `EADDRINUSE` */
export async function serve(options: ServeOptions): Promise<EngineServer> {
  const { host, port, log, clock } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD_BYTES,
    perMessageDeflate: false,
    WebSocket: ClientSocket,
  });
  const pages = new Map(Object.entries({ '/healthz': () => ({ status: 'ok' }), ...options.pages }));
  const server = createServer({
    headersTimeout: REQUEST_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: 1000,
  });
  server.on('request', (request, response) => {
    const page = request.method === 'GET' ? pages.get(request.url ?? '') : undefined;
    response.writeHead(page ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(page?.() ?? { status: 'not found' }));
  });
  boundIdleConnections(server, IDLE_CONNECTIONS);
  server.on('upgrade', (request, socket, head) => {
    const admission = admissionOf(request, sockets.clients.size, options);
    if ('status' in admission) refuseUpgrade(socket, clock, admission.status, admission.body);
    else
      sockets.handleUpgrade(request, socket, head, (line) =>
        connectClient(line as ClientSocket, admission.open, options),
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  server.on('error', (error) => log.error({ err: error }, 'engine port failed'));

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

export interface ServeBackendOptions extends Omit<ServeOptions, 'admit' | 'pages'> {
  backend: Backend;
  /** Clients have to show it. */
  key: string;
}

/**
 * Serves LiveTranslate sessions with `backend` behind them, to clients that have the key.
 *
 * @example
 * const server = await serveBackend({ host: '127.0.0.1', port: 0, model: 'booth-offline', backend, key, clock: systemClock, log });
 */
export const serveBackend = ({ backend, key: rightKey, ...options }: ServeBackendOptions): Promise<EngineServer> =>
  serve({
    ...options,
    admit: ({ model, key }) => {
      if (!isRightKey([rightKey], key)) return WRONG_KEY;
      return {
        open: ({ send, close }) =>
          new WireSession({
            model,
            backend,
            send,
            close,
            clock: options.clock,
            id: (kind) => `${kind}_${randomUUID().replaceAll('-', '')}`,
            log: options.log,
          }),
      };
    },
  });

/** As the vendor refuses a key. */
const WRONG_KEY = { status: 401, body: { code: 'InvalidApiKey', message: 'Invalid API-key provided.' } };

function admissionOf(
  request: IncomingMessage,
  connections: number,
  { model, admit, maxConnections = MAX_CONNECTIONS }: ServeOptions,
): Admission {
  // Browsers let every page open a WebSocket to this computer, and say which page it was.
  if (request.headers.origin !== undefined) return { status: 403 };
  const query = sessionQuery(request);
  if (!query) return { status: 404 };
  if (connections >= maxConnections) return { status: 503 };
  return admit({ model: query.get('model')?.slice(0, MAX_MODEL_CHARACTERS) || model, ...keyOf(request) });
}

/** @returns undefined if the request is not for the realtime endpoint */
function sessionQuery(request: IncomingMessage): URLSearchParams | undefined {
  const url = URL.parse(request.url ?? '', 'ws://engine');
  return url?.pathname === PATH ? url.searchParams : undefined;
}

function keyOf(request: IncomingMessage): { key?: string } {
  const [, key] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  return key === undefined ? {} : { key };
}

/** A connection that can leave a close unanswered, which `ws` otherwise answers by closing its own side. */
class ClientSocket extends WebSocket {
  answersClose = true;

  override close(code?: number, reason?: string): void {
    if (this.answersClose) super.close(code, reason);
  }
}

function connectClient(
  socket: ClientSocket,
  open: (client: ClientConnection) => ServiceConnection,
  { clock, log }: ServeOptions,
): void {
  const service = open({
    send(frame) {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(frame);
      if (socket.bufferedAmount > MAX_UNREAD_BYTES) {
        log.warn({}, 'client does not read');
        socket.terminate();
      }
    },
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
    ignoreClose() {
      socket.answersClose = false;
    },
  });
  const stopPinging = keepAlive(socket, clock);
  socket.on('message', (data, isBinary) => {
    if (isBinary) service.receiveBinary();
    else service.receive(data.toString());
  });
  // A failed connection is followed by `close`.
  socket.on('error', (error) => log.debug({ err: error }, 'client connection failed'));
  socket.on('close', () => {
    stopPinging();
    service.close();
  });
}

function urlOf({ address, family, port }: AddressInfo): string {
  const name = family === 'IPv6' ? `[${address}]` : address;
  return `ws://${name}:${port}${PATH}`;
}
