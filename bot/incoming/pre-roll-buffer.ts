/**
 * Keeps the latest packets that were not decoded, in case they turn out to be the start of a word: 400 ms to be heard, and 80 ms before
 * that to warm the decoder up.
 *
 * Bounded: at most 480 ms, and at most 192 items.
 */

import { OPUS_CLOCK_RATE } from '../../audio/sample-rates.ts';
import type { ReceivedPacket } from '../../rtp/received-packet.ts';
import type { OrderedPacket } from './reorder-buffer.ts';

/** How much of a word is heard from before it was noticed. */
const AUDIBLE_TICKS = 0.4 * OPUS_CLOCK_RATE;
/** An Opus decoder that starts in the middle of a stream sounds right after this long. */
const WARM_UP_TICKS = 0.08 * OPUS_CLOCK_RATE;
/** 480 ms in packets of 2.5 ms, the shortest that Opus has. */
const MAX_ITEMS = 192;

interface PreRoll {
  /** To be decoded but not heard, as the packets before them are gone. Empty where the stream is kept from its start. */
  warmUp: OrderedPacket<ReceivedPacket>[];
  /** To be decoded and heard. */
  audible: OrderedPacket<ReceivedPacket>[];
}

export class PreRollBuffer {
  #items: OrderedPacket<ReceivedPacket>[] = [];
  #latestTimestamp = 0;
  #isComplete = true;

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  push(item: OrderedPacket<ReceivedPacket>): void {
    this.#items.push(item);
    if (item.type === 'packet') this.#latestTimestamp = item.packet.timestamp;
    const kept = this.#items.findIndex((one) => this.#isWithin(one, AUDIBLE_TICKS + WARM_UP_TICKS));
    const dropped = Math.max(kept === -1 ? this.#items.length : kept, this.#items.length - MAX_ITEMS);
    if (dropped === 0) return;
    this.#items.splice(0, dropped);
    this.#isComplete = false;
  }

  /** Returns what is kept, and empties the buffer. */
  take(): PreRoll {
    const items = this.#items;
    const first = this.#isComplete ? 0 : items.findIndex((item) => this.#isWithin(item, AUDIBLE_TICKS));
    this.#items = [];
    this.#isComplete = true;
    return { warmUp: items.slice(0, first), audible: items.slice(first) };
  }

  /** A lost packet has no timestamp: it is kept or dropped with the packets around it. */
  #isWithin(item: OrderedPacket<ReceivedPacket>, ticks: number): boolean {
    return item.type === 'packet' && (this.#latestTimestamp - item.packet.timestamp) >>> 0 < ticks;
  }
}
