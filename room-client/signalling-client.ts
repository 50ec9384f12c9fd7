/**
 * The client's side of the signalling, over an open socket that is passed in: a browser's `WebSocket` or one of `ws`.
 *
 * Hard requirement: every request settles, by its reply, at its time limit, or when the socket closes. Methods are known by type alone, so
 * that a page which bundles this file contains no schemas.
 */
import type { Method, NotificationName, Notifications, Reply, ReplyData, RequestData } from '@mediasoup-booth/protocol';
import { type Clock, systemClock } from '../time/clock.ts';

/** The WebSocket close code with which this side closes. */
const CLOSED_HERE = 1000;

/** The part of a WebSocket that browsers and `ws` have in common. */
export interface Socket {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
}

/** The server refused a request (`code` is the server's), or the request could not be answered (`code` is `closed` or `timeout`). */
export class SignallingError extends Error {
  override readonly name = 'SignallingError';
  readonly code: string;
  /** The URL of another server at which the room is; undefined: it is not elsewhere. */
  readonly server: string | undefined;
  constructor(code: string, message: string, server?: string) {
    super(message);
    this.code = code;
    this.server = server;
  }
}

/** Why the server has closed the connection; empty where this side has. */
const serverReason = ({ code, reason }: SocketEnd): string => (code === CLOSED_HERE ? '' : reason);

interface Pending {
  resolve(data: unknown): void;
  reject(error: Error): void;
  cancelTimeout(): void;
}

/** How a socket closed: the WebSocket close code and the server's reason. */
export type SocketEnd = { code: number; reason: string };

type NotificationListener = <N extends NotificationName>(name: N, data: Notifications[N]) => void;

export interface SignallingOptions {
  /** Milliseconds that a request may take. Default: 15 000. */
  timeoutMs?: number;
  /** Default: the system's. */
  clock?: Clock;
}

export class SignallingClient {
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, Set<(data: never) => void>>();
  readonly #notificationListeners = new Set<NotificationListener>();
  readonly #endListeners = new Set<(ended: SocketEnd) => void>();
  #nextId = 1;
  #ended: SocketEnd | undefined;

  /** @param socket is open already */
  constructor(socket: Socket, { timeoutMs = 15_000, clock = systemClock }: SignallingOptions = {}) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
    socket.addEventListener('message', (event) => this.#receive(event.data));
    socket.addEventListener('close', (event) => this.#end({ code: event.code, reason: event.reason }));
  }

  /** Undefined while the socket is open. */
  get ended(): SocketEnd | undefined {
    return this.#ended;
  }

  /**
   * @param timeoutMs milliseconds that the request may take; default: that of all requests
   * @throws {SignallingError}
   * @example
   * const { producerId } = await signalling.request('producer.create', { transportId, kind, source, rtpParameters });
   */
  request<M extends Method>(
    method: M,
    data: RequestData<M>,
    timeoutMs: number = this.#timeoutMs,
  ): Promise<ReplyData<M>> {
    if (this.#ended)
      return Promise.reject(
        new SignallingError('closed', serverReason(this.#ended) || 'the connection to the room is closed'),
      );
    const id = this.#nextId++;
    return new Promise<unknown>((resolve, reject) => {
      const text = JSON.stringify({ id, method, data });
      const cancelTimeout = this.#clock.after(timeoutMs, () => {
        this.#pending.delete(id);
        reject(new SignallingError('timeout', `the server did not answer ${method} within ${timeoutMs} ms`));
      });
      this.#pending.set(id, { resolve, reject, cancelTimeout });
      this.#socket.send(text);
    }) as Promise<ReplyData<M>>;
  }

  /** Returns a function that removes the listener. */
  on<N extends NotificationName>(name: N, listener: (data: Notifications[N]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Calls `listener` with every notification, whatever its name. */
  onNotification(listener: NotificationListener): void {
    this.#notificationListeners.add(listener);
  }

  /** Calls `listener` once, when the socket has closed, by whichever side. */
  onEnd(listener: (ended: SocketEnd) => void): void {
    this.#endListeners.add(listener);
  }

  close(): void {
    this.#socket.close(CLOSED_HERE, 'bye');
    this.#end({ code: CLOSED_HERE, reason: 'bye' });
  }

  #receive(text: unknown): void {
    for (const message of typeof text === 'string' ? parsed(text) : []) if (!this.#ended) this.#dispatch(message);
  }

  #dispatch(message: Message): void {
    if ('method' in message) {
      for (const listener of this.#notificationListeners) listener(message.method as NotificationName, message.data);
      for (const listener of [...(this.#listeners.get(message.method) ?? [])]) listener(message.data);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    this.#pending.delete(message.id);
    pending.cancelTimeout();
    if (message.ok) pending.resolve(message.data);
    else pending.reject(new SignallingError(message.error.code, message.error.message, message.error.server));
  }

  #end(ended: SocketEnd): void {
    if (this.#ended) return;
    this.#ended = ended;
    for (const { reject, cancelTimeout } of this.#pending.values()) {
      cancelTimeout();
      reject(new SignallingError('closed', serverReason(ended) || 'the connection to the room was lost'));
    }
    this.#pending.clear();
    for (const listener of this.#endListeners) listener(ended);
  }
}

type Message = Reply | { method: string; data: never };

/** The messages of a frame: one, or an array of several; none where `text` is no JSON, which the server never sends. */
function parsed(text: string): Message[] {
  try {
    const frame: unknown = JSON.parse(text);
    const messages: unknown[] = Array.isArray(frame) ? frame : [frame];
    return messages.filter((message) => typeof message === 'object' && message !== null) as Message[];
  } catch {
    return [];
  }
}
