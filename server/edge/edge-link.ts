/**
 * The connection between an edge node and the server of an origin, as both ends see it. Requests keep their order. A request that is
 * not answered within 5 s fails; an end that takes nothing, or is gone, is disconnected.
 */
import { messageOf } from '@mediasoup-booth/protocol';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { keepAlive } from '../../sockets/keep-alive.ts';
import type { Clock } from '../../time/clock.ts';
import {
  EdgeAnswer,
  type EdgeMethod,
  EdgeNotification,
  type EdgeReply,
  EdgeRequest,
  type EdgeRequestData,
  edgeRequests,
} from './edge-protocol.ts';

const ANSWER_WITHIN_MS = 5000;
/** So often it is looked whether the other end is there, so that a machine which is gone is noticed within 8 s. */
const PING_EVERY_MS = 2000;
/** Unsent bytes at which the other end counts as gone: captions of many rooms for several seconds. */
const MAX_BACKLOG_BYTES = 16_777_216;
/** Requests that are not answered yet; many thousands of listeners join within the time for which each is waited for. */
const MAX_UNANSWERED = 20_000;

/** Does what the other end asks. It is called in the order of the requests. @throws {Error} whose message the other end is told */
export type EdgeRequestHandler = <M extends EdgeMethod>(method: M, data: EdgeRequestData<M>) => Promise<EdgeReply<M>>;

export interface EdgeLinkOptions {
  clock: Clock;
  log: Logger;
  /** Absent: this end answers no requests. */
  onRequest?: EdgeRequestHandler;
  /** Absent: this end is told nothing. */
  onNotification?: (notification: EdgeNotification) => void;
  /** Called once, when the connection has ended. */
  onClosed(): void;
}

interface Unanswered {
  resolve(data: unknown): void;
  reject(error: Error): void;
}

const Message = z.union([EdgeAnswer, EdgeRequest, EdgeNotification]);

export class EdgeLink {
  readonly #socket: WebSocket;
  readonly #options: EdgeLinkOptions;
  readonly #unanswered = new Map<number, Unanswered>();
  #lastId = 0;
  #closed = false;

  constructor(socket: WebSocket, options: EdgeLinkOptions) {
    this.#socket = socket;
    this.#options = options;
    const stopPinging = keepAlive(socket, options.clock, PING_EVERY_MS);
    socket.on('message', (bytes) => this.#receive(bytes.toString()));
    socket.on('error', (error) => options.log.debug({ err: error }, 'edge connection failed'));
    socket.once('close', () => {
      stopPinging();
      this.#end();
    });
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** @throws {Error} with what the other end says, or where it does not answer */
  async request<M extends EdgeMethod>(method: M, data: EdgeRequestData<M>): Promise<EdgeReply<M>> {
    if (this.#closed) throw new Error('the edge node is not connected any more');
    if (this.#unanswered.size >= MAX_UNANSWERED) throw new Error('the edge node has too much to answer');
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const cancel = this.#options.clock.after(ANSWER_WITHIN_MS, () =>
      reject(new Error(`the edge node has not answered ${method} within ${ANSWER_WITHIN_MS} ms`)),
    );
    this.#unanswered.set(id, { resolve, reject });
    this.#send({ id, method, data });
    try {
      const schema: z.ZodType = edgeRequests[method].reply;
      return schema.parse(await promise) as EdgeReply<M>;
    } finally {
      cancel();
      this.#unanswered.delete(id);
    }
  }

  /** Asks for what cannot fail in a way that matters: it keeps its order with the requests, and is not answered. */
  send<M extends EdgeMethod>(method: M, data: EdgeRequestData<M>): void {
    this.#send({ method, data });
  }

  notify(notification: EdgeNotification): void {
    this.#send(notification);
  }

  close(): void {
    this.#socket.close(1001);
    this.#end();
    const cancel = this.#options.clock.after(1000, () => this.#socket.terminate());
    this.#socket.once('close', cancel);
    if (this.#socket.readyState === this.#socket.CLOSED) cancel();
  }

  #send(message: object): void {
    if (this.#closed || this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(JSON.stringify(message));
    if (this.#socket.bufferedAmount <= MAX_BACKLOG_BYTES) return;
    this.#options.log.error('edge connection is too slow, and is ended');
    this.#socket.terminate();
  }

  #receive(text: string): void {
    if (this.#closed) return;
    const message = Message.safeParse(jsonOf(text)).data;
    if (!message) this.#socket.terminate();
    else if ('answers' in message) this.#answered(message);
    else if ('method' in message) this.#answer(message);
    else this.#options.onNotification?.(message);
  }

  #answered({ answers, data, error }: EdgeAnswer): void {
    const unanswered = this.#unanswered.get(answers);
    if (error === undefined) unanswered?.resolve(data);
    else unanswered?.reject(new Error(error));
  }

  #answer({ id, method, data }: EdgeRequest): void {
    const done = this.#handle(method, data);
    done.then(
      (reply) => id !== undefined && this.#send({ answers: id, data: reply }),
      (error: unknown) => {
        if (id !== undefined) this.#send({ answers: id, error: messageOf(error).slice(0, 4096) });
        else this.#options.log.debug({ err: error, method }, 'edge request failed');
      },
    );
  }

  async #handle(method: string, data: unknown): Promise<unknown> {
    const { onRequest } = this.#options;
    if (!onRequest || !isEdgeMethod(method)) throw new Error(`nobody here does ${method}`);
    const schema: z.ZodType = edgeRequests[method].data;
    return onRequest(method, schema.parse(data) as EdgeRequestData<typeof method>);
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { reject } of this.#unanswered.values()) reject(new Error('the edge node is not connected any more'));
    this.#options.onClosed();
  }
}

const isEdgeMethod = (method: string): method is EdgeMethod => Object.hasOwn(edgeRequests, method);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
