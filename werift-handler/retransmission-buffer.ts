/**
 * Keeps the packets that were sent in the last 500 ms, for retransmission when a receiver reports them lost by a NACK.
 *
 * Bounded: at most 128 packets are kept, and each is retransmitted at most 3 times, however often a receiver asks.
 */
export interface SentPacket {
  sequenceNumber: number;
  /** The whole RTP packet. */
  packet: Buffer;
}

interface BufferedPacket {
  sent: SentPacket;
  sentMs: number;
  retransmissions: number;
}

const MAX_AGE_MS = 500;
const MAX_PACKETS = 128;
const MAX_RETRANSMISSIONS = 3;

export class RetransmissionBuffer {
  /** The sent packets by sequence number, oldest first. */
  readonly #packets = new Map<number, BufferedPacket>();

  /** Keeps a packet as it is sent. */
  push(sent: SentPacket, nowMs: number): void {
    this.#packets.delete(sent.sequenceNumber);
    this.#packets.set(sent.sequenceNumber, { sent, sentMs: nowMs, retransmissions: 0 });
    this.#evict(nowMs);
  }

  /** Returns those of the lost packets that can be sent again, and counts the retransmission. */
  takeForRetransmission(lost: readonly number[], nowMs: number): SentPacket[] {
    this.#evict(nowMs);
    const found: SentPacket[] = [];
    for (const number of lost) {
      // werift does not wrap sequence numbers at 65536 when it parses a NACK.
      const kept = this.#packets.get(number & 0xffff);
      if (!kept || kept.retransmissions === MAX_RETRANSMISSIONS) continue;
      kept.retransmissions++;
      found.push(kept.sent);
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
