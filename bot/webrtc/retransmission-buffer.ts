/**
 * What was sent of a stream in the last 500 ms, for whoever asks again. At most 128 packets are kept, and each goes out again
 * at most 3 times: a receiver that asks without end costs no more.
 */
export interface SentPacket {
  sequenceNumber: number;
  timestamp: number;
  marker: boolean;
  payload: Buffer;
}

interface Kept {
  packet: SentPacket;
  sentMs: number;
  repeated: number;
}

const KEEP_MS = 500;
const CAPACITY = 128;
const MAX_REPEATS = 3;

export class RetransmissionBuffer {
  /** Oldest first. */
  readonly #kept = new Map<number, Kept>();

  keep(packet: SentPacket, nowMs: number): void {
    this.#kept.delete(packet.sequenceNumber);
    this.#kept.set(packet.sequenceNumber, { packet, sentMs: nowMs, repeated: 0 });
    this.#forget(nowMs);
  }

  /** Those of the lost packets that can be sent again. */
  again(lost: readonly number[], nowMs: number): SentPacket[] {
    this.#forget(nowMs);
    const found: SentPacket[] = [];
    for (const number of lost) {
      // werift counts on where the numbers begin again.
      const kept = this.#kept.get(number & 0xffff);
      if (!kept || kept.repeated === MAX_REPEATS) continue;
      kept.repeated++;
      found.push(kept.packet);
    }
    return found;
  }

  #forget(nowMs: number): void {
    for (const [sequenceNumber, { sentMs }] of this.#kept) {
      if (nowMs - sentMs <= KEEP_MS && this.#kept.size <= CAPACITY) break;
      this.#kept.delete(sequenceNumber);
    }
  }
}
