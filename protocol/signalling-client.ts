/**
 * The client's side of signalling, over a socket that is passed in: a browser's `WebSocket` or one of `ws`. It knows the
 * methods by type alone, so that a page that bundles it carries no schemas. Every request settles: by its reply, at its
 * time limit (default 15 s), or when the socket closes.
 */
import type { Method, NotificationName, Notifications, Reply, ReplyData, RequestData } from './signalling.ts';

/** What both kinds of socket have in common. */
export interface Socket {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
}

/** The other side refused a request, or could no longer be asked (`code: "closed"` or `"timeout"`). */
export class SignallingError extends Error {
  override readonly name = 'SignallingError';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface Pending {
  resolve(data: unknown): void;
  reject(error: Error): void;
  timer: ReturnType<typeof setTimeout>;
}

export type Ended = { code: number; reason: string };

export class SignallingClient {
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, Set<(data: never) => void>>();
  readonly #endListeners = new Set<(ended: Ended) => void>();
  #nextId = 1;
  #ended: Ended | undefined;

  /** `socket` is open already. */
  constructor(socket: Socket, options: { timeoutMs?: number } = {}) {
    this.#socket = socket;
    this.#timeoutMs = options.timeoutMs ?? 15_000;
    socket.addEventListener('message', (event) => this.#receive(event.data));
    socket.addEventListener('close', (event) => this.#end({ code: event.code, reason: event.reason }));
  }

  get ended(): Ended | undefined {
    return this.#ended;
  }

  request<M extends Method>(method: M, data: RequestData<M>): Promise<ReplyData<M>> {
    if (this.#ended) return Promise.reject(new SignallingError('closed', 'the connection to the room is closed'));
    const id = this.#nextId++;
    return new Promise<unknown>((resolve, reject) => {
      const text = JSON.stringify({ id, method, data });
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new SignallingError('timeout', `the server did not answer ${method} within ${this.#timeoutMs} ms`));
      }, this.#timeoutMs);
      this.#pending.set(id, { resolve, reject, timer });
      this.#socket.send(text);
    }) as Promise<ReplyData<M>>;
  }

  /** Returns what removes the listener. */
  on<N extends NotificationName>(name: N, listener: (data: Notifications[N]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Called once when the socket has closed, by whichever side. */
  onEnd(listener: (ended: Ended) => void): void {
    this.#endListeners.add(listener);
  }

  close(): void {
    this.#socket.close(1000, 'bye');
    this.#end({ code: 1000, reason: 'bye' });
  }

  #receive(text: unknown): void {
    const message = typeof text === 'string' && !this.#ended ? parsed(text) : undefined;
    if (!message) return;
    if ('method' in message) {
      for (const listener of [...(this.#listeners.get(message.method) ?? [])]) listener(message.data);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    this.#pending.delete(message.id);
    clearTimeout(pending.timer);
    if (message.ok) pending.resolve(message.data);
    else pending.reject(new SignallingError(message.error.code, message.error.message));
  }

  #end(ended: Ended): void {
    if (this.#ended) return;
    this.#ended = ended;
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(new SignallingError('closed', ended.reason || 'the connection to the room was lost'));
    }
    this.#pending.clear();
    for (const listener of this.#endListeners) listener(ended);
  }
}

/** What is no JSON object is left alone: the server sends nothing else. */
function parsed(text: string): Reply | { method: string; data: never } | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === 'object' && message ? (message as Reply) : undefined;
  } catch {
    return undefined;
  }
}
