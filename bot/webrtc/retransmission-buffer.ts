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

interface BufferedPacket {
  packet: SentPacket;
  sentMs: number;
  retransmissions: number;
}

const MAX_AGE_MS = 500;
const MAX_PACKETS = 128;
const MAX_RETRANSMISSIONS = 3;

export class RetransmissionBuffer {
  /** Oldest first. */
  readonly #packets = new Map<number, BufferedPacket>();

  push(packet: SentPacket, nowMs: number): void {
    this.#packets.delete(packet.sequenceNumber);
    this.#packets.set(packet.sequenceNumber, { packet, sentMs: nowMs, retransmissions: 0 });
    this.#evict(nowMs);
  }

  /** Those of the lost packets that can be sent again. */
  takeForRetransmission(lost: readonly number[], nowMs: number): SentPacket[] {
    this.#evict(nowMs);
    const found: SentPacket[] = [];
    for (const number of lost) {
      // werift counts on where the numbers begin again.
      const kept = this.#packets.get(number & 0xffff);
      if (!kept || kept.retransmissions === MAX_RETRANSMISSIONS) continue;
      kept.retransmissions++;
      found.push(kept.packet);
    }
    return found;
  }

  #evict(nowMs: number): void {
    for (const [sequenceNumber, { sentMs }] of this.#packets) {
      if (nowMs - sentMs <= MAX_AGE_MS && this.#packets.size <= MAX_PACKETS) break;
      this.#packets.delete(sequenceNumber);
    }
  }
}
