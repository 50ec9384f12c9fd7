/**
 * The messages of one webhook endpoint that are not delivered yet, in the order in which they happened, each with a number that no other
 * of the endpoint has. Holds at most 10,000 messages and 16 MB: then the oldest goes, captions first, but not the one that is being sent.
 * No timers, no I/O.
 */
import type { WebhookEvent, WebhookPayload } from '@mediasoup-booth/protocol';

const MAX_MESSAGES = 10_000;
const MAX_BYTES = 16_777_216;

export interface QueuedMessage {
  /** The header `webhook-id`: the same with each attempt. */
  id: string;
  payload: WebhookPayload;
}

interface Kept extends QueuedMessage {
  bytes: number;
}

export interface QueueBounds {
  messages: number;
  bytes: number;
}

export interface StoredQueue {
  /** The number of the next message. */
  next: number;
  messages: readonly QueuedMessage[];
}

export class DeliveryQueue {
  readonly #bounds: QueueBounds;
  #next: number;
  #messages: Kept[];
  #bytes = 0;

  /** @param bounds default: 10,000 messages, 16 MB */
  constructor({ next, messages }: StoredQueue, bounds: QueueBounds = { messages: MAX_MESSAGES, bytes: MAX_BYTES }) {
    this.#bounds = bounds;
    this.#next = next;
    this.#messages = messages.map(withSize).sort((a, b) => a.payload.sequence - b.payload.sequence);
    for (const { bytes } of this.#messages) this.#bytes += bytes;
  }

  get length(): number {
    return this.#messages.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The message that is sent next. */
  get head(): QueuedMessage | undefined {
    return this.#messages[0];
  }

  get stored(): StoredQueue {
    return { next: this.#next, messages: this.#messages.map(({ id, payload }) => ({ id, payload })) };
  }

  /** Adds a message; `dropped` had to go for it. */
  push(id: string, event: WebhookEvent): { message: QueuedMessage; dropped: QueuedMessage[] } {
    const { type, timestamp, data } = event;
    const message = withSize({ id, payload: { type, timestamp, sequence: this.#next++, data } as WebhookPayload });
    this.#messages.push(message);
    this.#bytes += message.bytes;
    const dropped: QueuedMessage[] = [];
    while (this.#messages.length > 2 && this.#isOverfull) dropped.push(...this.#removeAt(this.#leastWanted()));
    return { message, dropped };
  }

  /** Takes a number for a message that is given up at once, so that its receiver can tell. */
  skip(): void {
    this.#next++;
  }

  /** Removes the message that was sent, or given up. */
  removeHead(): void {
    this.#removeAt(0);
  }

  /** Removes the messages at the beginning that are older than `beforeMs`, in milliseconds since 1970. */
  removeExpired(beforeMs: number): QueuedMessage[] {
    const fresh = this.#messages.findIndex(({ payload }) => Date.parse(payload.timestamp) >= beforeMs);
    return this.#removeAt(0, fresh === -1 ? this.#messages.length : fresh);
  }

  /** Removes the captions of a room that are not being sent already. */
  removeCaptions(room: string): QueuedMessage[] {
    const [head, ...rest] = this.#messages;
    if (!head) return [];
    const isTheirs = ({ payload }: Kept) => payload.type === 'caption.final' && payload.data.room === room;
    const removed = rest.filter(isTheirs);
    this.#messages = [head, ...rest.filter((message) => !isTheirs(message))];
    for (const { bytes } of removed) this.#bytes -= bytes;
    return removed;
  }

  /** Removes every message. */
  clear(): QueuedMessage[] {
    return this.#removeAt(0, this.#messages.length);
  }

  get #isOverfull(): boolean {
    return this.#messages.length > this.#bounds.messages || this.#bytes > this.#bounds.bytes;
  }

  #leastWanted(): number {
    const caption = this.#messages.findIndex(({ payload }, index) => index > 0 && payload.type === 'caption.final');
    return caption === -1 ? 1 : caption;
  }

  #removeAt(index: number, count = 1): QueuedMessage[] {
    const removed = this.#messages.splice(index, count);
    for (const { bytes } of removed) this.#bytes -= bytes;
    return removed;
  }
}

const withSize = ({ id, payload }: QueuedMessage): Kept => ({
  id,
  payload,
  bytes: Buffer.byteLength(JSON.stringify(payload)),
});
