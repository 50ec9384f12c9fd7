/**
 * Texts onto a data channel without a backlog: SCTP in JavaScript costs far more than linearly in what waits, so at most 16 kB
 * are handed to it at a time. What waits here is bounded too, and a newer text takes the place of an unsent one with the
 * same key (the partials of an utterance); at the bound the oldest that has a key goes first, then the oldest.
 */

import { ConflatingQueue } from '../../collections/conflating-queue.ts';
import type { Clock } from '../../time/clock.ts';

/** The part of a data channel that is used. */
export interface TextChannel {
  readonly readyState: string;
  readonly bufferedAmount: number;
  send(text: string): void;
}

const HANDED_OVER_BYTES = 16_384;
const RETRY_MS = 20;
const MAX_WAITING = 500;

export class MessageSender {
  readonly #channel: TextChannel;
  readonly #clock: Clock;
  readonly #waiting = new ConflatingQueue<string>(MAX_WAITING);
  #cancelTimer: (() => void) | undefined;
  #closed = false;
  #refused = 0;

  constructor(channel: TextChannel, clock: Clock) {
    this.#channel = channel;
    this.#clock = clock;
  }

  /** Texts that the bound has cost, or that the channel would not take. */
  get dropped(): number {
    return this.#waiting.dropped + this.#refused;
  }

  send(text: string, key?: string): void {
    if (this.#closed) return;
    this.#waiting.push(text, key);
    this.#drain();
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#waiting.clear();
  }

  #drain(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#channel.readyState === 'closed' || this.#channel.readyState === 'closing') {
      this.close();
      return;
    }
    while (this.#channel.readyState === 'open' && this.#channel.bufferedAmount < HANDED_OVER_BYTES) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#handOver(next.item);
    }
    this.#cancelTimer = this.#clock.after(RETRY_MS, () => this.#drain());
  }

  #handOver(text: string): void {
    try {
      this.#channel.send(text);
    } catch {
      // Too long for the peer: no reason to lose the others, or the process.
      this.#refused++;
    }
  }
}
