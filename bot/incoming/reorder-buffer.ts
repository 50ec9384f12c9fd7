/**
 * Puts the packets of one stream back in order. No timers: the caller calls again at `deadline`.
 *
 * Hard requirement: a packet that arrives in order leaves at once, and none is held longer than `waitMs`. A packet that is missing by
 * then is reported lost, once; if it arrives later, or arrives twice, it is dropped.
 */
import { nextSequenceNumber, sequenceDistance } from '../../rtp/sequence-number.ts';

interface Sequenced {
  sequenceNumber: number;
}

/** One place in the stream: its packet, or a loss with the packet after it where that one has arrived (its FEC can repair the loss). */
export type OrderedPacket<P> = { type: 'packet'; packet: P } | { type: 'lost'; nextPacket: P | undefined };

interface ReorderOptions {
  /** How long a gap may take to fill, in milliseconds. Default 60. */
  waitMs?: number;
  /** How many packets may wait behind a gap; when one more arrives, the missing packets count as lost. Default 64. */
  capacity?: number;
  /** A larger jump of the sequence number is taken for a new stream, not for a loss. Default 100 packets. */
  maxGap?: number;
}

interface HeldPacket<P> {
  packet: P;
  arrivedMs: number;
}

export class ReorderBuffer<P extends Sequenced> {
  readonly #waitMs: number;
  readonly #capacity: number;
  readonly #maxGap: number;
  readonly #held = new Map<number, HeldPacket<P>>();
  #expected: number | undefined;
  #late = 0;

  constructor({ waitMs = 60, capacity = 64, maxGap = 100 }: ReorderOptions = {}) {
    this.#waitMs = waitMs;
    this.#capacity = capacity;
    this.#maxGap = maxGap;
  }

  /** Takes a packet as it arrives, and returns what may leave now, in order. */
  push(packet: P, nowMs: number): OrderedPacket<P>[] {
    const { sequenceNumber } = packet;
    this.#expected ??= sequenceNumber;
    const ahead = sequenceDistance(this.#expected, sequenceNumber);
    if (Math.abs(ahead) > this.#maxGap) return this.#startAnew(packet);
    const isLate = ahead < 0 || this.#held.has(sequenceNumber);
    if (isLate) this.#late++;
    else this.#held.set(sequenceNumber, { packet, arrivedMs: nowMs });
    if (ahead < 0) return [];
    return this.release(nowMs);
  }

  /** Returns what may leave at `nowMs`, in order. To be called again at `deadline`. */
  release(nowMs: number): OrderedPacket<P>[] {
    const out: OrderedPacket<P>[] = [];
    while (this.#expected !== undefined && this.#held.size > 0) {
      const next = this.#held.get(this.#expected);
      if (next) out.push({ type: 'packet', packet: next.packet });
      else if (this.#gapIsOver(nowMs)) out.push({ type: 'lost', nextPacket: this.#heldAfter(this.#expected) });
      else break;
      this.#held.delete(this.#expected);
      this.#expected = nextSequenceNumber(this.#expected);
    }
    return out;
  }

  /** Another stream follows. Returns what waits behind a gap of this one, as the gap will never fill. */
  restart(): OrderedPacket<P>[] {
    const rest = this.release(Number.POSITIVE_INFINITY);
    this.#expected = undefined;
    return rest;
  }

  /** Packets that arrived after they had been counted as lost, or twice. */
  get late(): number {
    return this.#late;
  }

  /** When the packet that has waited longest must leave; undefined where none waits. */
  get deadline(): number | undefined {
    const oldest = this.#oldestArrival();
    return oldest === undefined ? undefined : oldest + this.#waitMs;
  }

  /** A new stream begins with this packet. */
  #startAnew(packet: P): OrderedPacket<P>[] {
    const rest = this.restart();
    this.#expected = nextSequenceNumber(packet.sequenceNumber);
    return [...rest, { type: 'packet', packet }];
  }

  #gapIsOver(nowMs: number): boolean {
    return this.#held.size > this.#capacity || nowMs >= (this.deadline ?? Number.POSITIVE_INFINITY);
  }

  #heldAfter(sequenceNumber: number): P | undefined {
    return this.#held.get(nextSequenceNumber(sequenceNumber))?.packet;
  }

  #oldestArrival(): number | undefined {
    // A Map keeps the order of insertion, which is that of arrival.
    for (const { arrivedMs } of this.#held.values()) return arrivedMs;
    return undefined;
  }
}
