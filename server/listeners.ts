/**
 * The sockets on which one server is served: over plain HTTP or HTTPS, at any number of addresses. All answer the same requests and
 * upgrades. Certificates are replaced without a connection ending.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { messageOf } from '@mediasoup-booth/protocol';
import { StartError } from '../config/start-error.ts';
import { boundIdleConnections } from '../sockets/idle-connections.ts';
import { limits } from './limits.ts';

/** A certificate, with those that lead to a known authority after it, and its private key: PEM. */
export interface TlsIdentity {
  cert: string;
  key: string;
}

export interface Handlers {
  request: RequestListener;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface Listener {
  port: number;
  /** Takes no more connections, and ends those that it has. */
  close(): void;
}

export class Listeners {
  readonly #handlers: Handlers;
  readonly #servers = new Set<Server | SecureServer>();
  readonly #secure = new Set<SecureServer>();

  /** @param handlers are looked up at each request, so that they may be replaced */
  constructor(handlers: Handlers) {
    this.#handlers = handlers;
  }

  /**
   * Listens on one more address.
   *
   * @param port 0: any free one
   * @param tls undefined: plain HTTP
   * @throws {StartError} that names the setting which helps
   */
  async listen(host: string, port: number, tls?: TlsIdentity): Promise<Listener> {
    const server = tls ? this.#secureServer(tls) : createServer(TIME_LIMITS, this.#onRequest);
    boundIdleConnections(server, limits.idleConnections);
    server.on('upgrade', (request, socket, head) => this.#handlers.upgrade(request, socket, head));
    const close = () => {
      this.#servers.delete(server);
      server.close();
      server.closeAllConnections();
    };
    const listening = await listen(server, host, port);
    this.#servers.add(server);
    return { port: listening, close };
  }

  /** New connections are given this certificate; those that are open go on. @throws where it cannot be used; then the earlier one stays */
  setTlsIdentity(tls: TlsIdentity): void {
    for (const server of this.#secure) server.setSecureContext(tls);
  }

  /** Takes no more connections. Resolves when those that are open have ended. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#servers].map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
  }

  closeAllConnections(): void {
    for (const server of this.#servers) server.closeAllConnections();
  }

  readonly #onRequest: RequestListener = (request, response) => this.#handlers.request(request, response);

  #secureServer(tls: TlsIdentity): SecureServer {
    const server = createSecureServer(
      { ...TIME_LIMITS, ...tls, handshakeTimeout: limits.requestHeadersMs },
      this.#onRequest,
    );
    this.#secure.add(server);
    server.once('close', () => this.#secure.delete(server));
    return server;
  }
}

const TIME_LIMITS = {
  headersTimeout: limits.requestHeadersMs,
  requestTimeout: limits.requestMs,
  connectionsCheckingInterval: 1000,
};

function listen(server: Server | SecureServer, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', (error: Error) => reject(listenError(error, host, port)));
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function listenError(error: Error, host: string, port: number): StartError {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new StartError(
      `port ${port} on ${host} is in use. Is another Booth running? Set BOOTH_PORT to a free port: BOOTH_PORT=${port + 1}`,
    );
  if (code === 'EACCES')
    return new StartError(
      `port ${port} may not be used by this user. Set BOOTH_PORT to one above 1023: BOOTH_PORT=3000`,
    );
  return new StartError(`cannot listen on ${host} port ${port}: ${messageOf(error)}. Set BOOTH_HOST or BOOTH_PORT.`);
}
