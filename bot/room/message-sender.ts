/**
 * Sends texts on a data channel and keeps the backlog outside of it: the cost of SCTP in JavaScript grows far more than linearly with
 * the bytes that it buffers, so it is given at most 16 kB at a time. Texts may be sent before the data channel exists: they wait until
 * `attach`, and after a channel has closed by itself until the next `attach`.
 *
 * Bounded: at most 500 texts wait. A newer text replaces an unsent one with the same key (the partials of an utterance); at the bound the
 * oldest text that has a key is dropped, else the oldest.
 */

import { ConflatingQueue } from '../../collections/conflating-queue.ts';
import type { Clock } from '../../time/clock.ts';

/** The part of a data channel that is used. */
export interface TextChannel {
  readonly readyState: string;
  readonly bufferedAmount: number;
  send(text: string): void;
}

const MAX_BUFFERED_BYTES = 16_384;
const RETRY_MS = 20;
const MAX_WAITING = 500;

export class MessageSender {
  readonly #clock: Clock;
  readonly #waiting = new ConflatingQueue<string>(MAX_WAITING);
  #channel: TextChannel | undefined;
  #cancelTimer: (() => void) | undefined;
  #closed = false;
  #failed = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Texts that were dropped at the bound, or that the channel did not take. */
  get dropped(): number {
    return this.#waiting.dropped + this.#failed;
  }

  /** Sets the data channel on which all texts are sent from now on, once it is open. */
  attach(channel: TextChannel): void {
    if (this.#closed) return;
    this.#channel = channel;
    if (this.#waiting.length > 0) this.#drain(channel);
  }

  /** The data channel has closed: texts wait for another. */
  detach(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#channel = undefined;
  }

  /** Sends a text in order; it may be replaced by a newer one with the same key while it waits. */
  send(text: string, key?: string): void {
    if (this.#closed) return;
    this.#waiting.push(text, key);
    if (this.#channel) this.#drain(this.#channel);
  }

  /** Drops the texts that wait. */
  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#waiting.clear();
  }

  #drain(channel: TextChannel): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (channel.readyState === 'closed' || channel.readyState === 'closing') {
      this.detach();
      return;
    }
    while (channel.readyState === 'open' && channel.bufferedAmount < MAX_BUFFERED_BYTES) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#sendNow(channel, next.item);
    }
    this.#cancelTimer = this.#clock.after(RETRY_MS, () => this.#drain(channel));
  }

  #sendNow(channel: TextChannel, text: string): void {
    try {
      channel.send(text);
    } catch {
      // The text is too long for the peer: the others can still be sent.
      this.#failed++;
    }
  }
}
