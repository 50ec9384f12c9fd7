/**
 * Accepts signalling sockets at their path, terminates those whose peer is gone, and closes all with the server. Nothing of a client is
 * kept before its token was verified: an upgrade without a token is refused, and one whose token is wrong ends with the reason, which a
 * browser can only read from a close frame. Whoever is refused is disconnected within a second.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  ApiError,
  type Claims,
  CloseCode,
  MAX_SIGNAL_BYTES,
  messageOf,
  offeredToken,
  SIGNAL_PATH,
  SIGNAL_SUBPROTOCOL,
} from '@mediasoup-booth/protocol';
import { type WebSocket, WebSocketServer } from 'ws';
import { BoundedMap } from '../../collections/bounded-map.ts';
import { refuseUpgrade } from '../../sockets/refuse-upgrade.ts';
import { every } from '../../time/clock.ts';
import { clientAddress, type ProxyTrust } from '../client-address.ts';
import { limits } from '../limits.ts';
import { TokenBucket } from '../token-bucket.ts';
import { closeWithReason } from './close.ts';
import { SignallingConnection, type SignallingDeps } from './connection.ts';
import { RequestScheduler } from './request-scheduler.ts';
import { UnjoinedConnections } from './unjoined-connections.ts';

export interface SignallingServerDeps extends Omit<SignallingDeps, 'scheduler'> {
  /** The path under which people reach the server, and a proxy may: `/booth`. Empty: none. */
  pathPrefix: string;
  isTrustedProxy: ProxyTrust;
}

interface Upgrade {
  /** Refuses it with an HTTP status. */
  refuse(status: number): void;
  /** Accepts it, whatever becomes of the socket then. */
  open(use: (webSocket: WebSocket) => void): void;
}

/** How long a peer has to close its side when the server closes, in milliseconds. */
const GOODBYE_MS = 1000;

export class SignallingServer {
  readonly #deps: SignallingServerDeps;
  readonly #scheduler: RequestScheduler;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_SIGNAL_BYTES,
    handleProtocols: (offered) => offered.has(SIGNAL_SUBPROTOCOL) && SIGNAL_SUBPROTOCOL,
  });
  readonly #connections = new Set<SignallingConnection>();
  readonly #unjoined = new UnjoinedConnections<SignallingConnection>();
  /** Limits how often an address is told what is wrong with its tokens; the token itself is verified before, so that a good one enters. */
  readonly #badTokens = new BoundedMap<string, TokenBucket>(limits.limitedAddresses);
  readonly #entries = new BoundedMap<string, TokenBucket>(limits.limitedAddresses);
  readonly #identityEntries = new BoundedMap<string, TokenBucket>(limits.limitedIdentities);
  readonly #stopPinging: () => void;

  constructor(deps: SignallingServerDeps) {
    this.#deps = deps;
    this.#scheduler = new RequestScheduler(() => deps.clock.now());
    this.#stopPinging = every(deps.clock, limits.pingEveryMs, () => this.#checkAlive());
  }

  /** Accepts or refuses an upgrade to a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const [path] = (request.url ?? '').split('?');
    const token = offeredToken(request.headers['sec-websocket-protocol']);
    const refuse = (status: number) => refuseUpgrade(socket, this.#deps.clock, status);
    const open = (use: (webSocket: WebSocket) => void) => this.#sockets.handleUpgrade(request, socket, head, use);
    if (path !== SIGNAL_PATH && path !== this.#deps.pathPrefix + SIGNAL_PATH) refuse(404);
    else if (token === undefined) refuse(401);
    else this.#enter(token, clientAddress(request, this.#deps.isTrustedProxy), { refuse, open });
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

  #enter(token: string, address: string, { refuse, open }: Upgrade): void {
    const claims = this.#verified(token);
    const isBad = claims instanceof ApiError;
    if (isBad && !this.#takes(this.#badTokens, limits.badTokens, address)) refuse(429);
    else if (isBad) open((webSocket) => this.#refuse(webSocket, claims));
    else if (!this.#mayEnter(address, claims)) open((webSocket) => this.#refuse(webSocket, TOO_OFTEN));
    else if (!this.#makesRoom()) refuse(503);
    else open((webSocket) => this.#accept(webSocket, token, address));
  }

  #accept(webSocket: WebSocket, token: string, address: string): void {
    const connection = new SignallingConnection(webSocket, token, { ...this.#deps, scheduler: this.#scheduler }, () =>
      this.#unjoined.remove(connection, address),
    );
    this.#connections.add(connection);
    this.#unjoined.add(connection, address);
    webSocket.on('close', () => {
      this.#connections.delete(connection);
      this.#unjoined.remove(connection, address);
    });
  }

  #refuse(webSocket: WebSocket, error: ApiError): void {
    webSocket.on('error', (failure) => this.#deps.log.debug({ err: failure }, 'signalling socket failed'));
    closeWithReason(webSocket, closeCodeOf(error), `${error.code}: ${error.message}`, this.#deps.clock);
  }

  /** The claims of a token, or what is wrong with it. */
  #verified(token: string): Claims | ApiError {
    try {
      return this.#deps.verify(token);
    } catch (error) {
      if (error instanceof ApiError) return error;
      this.#deps.log.error({ err: error }, 'token could not be verified');
      return new ApiError('unavailable', messageOf(error));
    }
  }

  /** Whether neither this identity nor this address has entered too often lately. An identity that is refused uses up nothing of its address. */
  #mayEnter(address: string, { sub, booth }: Claims): boolean {
    return (
      this.#takes(this.#identityEntries, limits.entriesPerIdentity, `${booth.room} ${sub}`) &&
      this.#takes(this.#entries, limits.entries, address)
    );
  }

  #takes(buckets: BoundedMap<string, TokenBucket>, rate: { perSecond: number; burst: number }, key: string): boolean {
    const nowMs = this.#deps.clock.now();
    const bucket = buckets.get(key) ?? new TokenBucket(rate, nowMs);
    buckets.set(key, bucket);
    return bucket.take(nowMs);
  }

  /** Whether there is room for another connection: where there is none, the oldest that has not joined makes room. */
  #makesRoom(): boolean {
    if (this.#connections.size < limits.connections) return true;
    if (this.#unjoined.size === 0) return false;
    this.#unjoined.endOldest();
    return true;
  }

  #checkAlive(): void {
    for (const connection of this.#connections) connection.checkAlive();
  }
}

const TOO_OFTEN = new ApiError('tooMany', 'you have connected too often: wait half a minute');

function closeCodeOf({ code }: ApiError): number {
  if (code === 'revoked') return CloseCode.revoked;
  if (code === 'tooMany') return CloseCode.tooMany;
  return code === 'unavailable' ? CloseCode.goingAway : CloseCode.unauthorized;
}
