/**
 * Bounds how many packets of one stream are taken in a second; whoever sends more loses the rest, before it is decrypted or parsed. Within a
 * second the packets are taken as they come, so that those that are taken belong together. No timers: the caller passes the time.
 */

/**
 * Five times as many packets as usual, and two and a half times as many as the shortest packets of browsers need: what a busy network held
 * back may come at once, and lost packets come again.
 */
export const MAX_AUDIO_PACKETS_PER_SECOND = 250;
/** 20 Mbit/s in packets of 1200 bytes. */
export const MAX_VIDEO_PACKETS_PER_SECOND = 2000;

export class PacketRateLimit {
  readonly #perSecond: number;
  #secondBeganMs = Number.NEGATIVE_INFINITY;
  #taken = 0;
  #dropped = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Packets that were too many. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Counts a packet that arrives at `nowMs`. @returns whether it may be taken */
  take(nowMs: number): boolean {
    if (nowMs - this.#secondBeganMs >= 1000) {
      this.#secondBeganMs = nowMs;
      this.#taken = 0;
    }
    if (this.#taken < this.#perSecond) {
      this.#taken++;
      return true;
    }
    this.#dropped++;
    return false;
  }
}
