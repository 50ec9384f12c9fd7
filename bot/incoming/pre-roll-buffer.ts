/** The latest packets that nobody decoded, at most 480 ms of them, in case that they turn out to be the start of a word. */
import { RTP_CLOCK_RATE } from '../../audio/opus-codec.ts';
import type { ReceivedPacket } from '../webrtc/media-track.ts';
import type { Ordered } from './reorder-buffer.ts';

/** What is heard of a word before it was noticed. */
const HEARD_TICKS = 0.4 * RTP_CLOCK_RATE;
/** A decoder that joins in late sounds right after so long. */
const CONVERGING_TICKS = 0.08 * RTP_CLOCK_RATE;
/** Of 2.5 ms each, the shortest that Opus has. */
const MOST_ITEMS = 192;

export interface BufferedPacket {
  /** To be decoded, not heard: what came before them is gone. */
  converging: Ordered<ReceivedPacket>[];
  heard: Ordered<ReceivedPacket>[];
}

export class PreRollBuffer {
  #items: Ordered<ReceivedPacket>[] = [];
  #latest = 0;
  #isWhole = true;

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  push(item: Ordered<ReceivedPacket>): void {
    this.#items.push(item);
    if (item.type === 'packet') this.#latest = item.packet.timestamp;
    const kept = this.#items.findIndex((one) => this.#isWithin(one, HEARD_TICKS + CONVERGING_TICKS));
    const dropped = Math.max(kept === -1 ? this.#items.length : kept, this.#items.length - MOST_ITEMS);
    if (dropped === 0) return;
    this.#items.splice(0, dropped);
    this.#isWhole = false;
  }

  /** Empties it. */
  take(): BufferedPacket {
    const items = this.#items;
    const first = this.#isWhole ? 0 : items.findIndex((item) => this.#isWithin(item, HEARD_TICKS));
    this.#items = [];
    this.#isWhole = true;
    return { converging: items.slice(0, first), heard: items.slice(first) };
  }

  /** A lost packet goes with those around it. */
  #isWithin(item: Ordered<ReceivedPacket>, ticks: number): boolean {
    return item.type === 'packet' && (this.#latest - item.packet.timestamp) >>> 0 < ticks;
  }
}
