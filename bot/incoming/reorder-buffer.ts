/**
 * Puts the packets of one stream back in order.
 *
 * Hard requirement: a packet that comes in order leaves at once, and none is held longer than `waitMs`. What is missing by
 * then is reported lost, once; what comes after that, or twice, is dropped.
 */
import { following, signedDistance } from '../webrtc/sequence-number.ts';

export interface Sequenced {
  sequenceNumber: number;
}

export type Ordered<P> = { type: 'packet'; packet: P } | { type: 'lost'; following: P | undefined };

export interface ReorderOptions {
  /** How long a gap may take to fill. Default 60 ms. */
  waitMs?: number;
  /** How many packets may wait behind a gap. Default 64; one more gives the gap up. */
  capacity?: number;
  /** A larger jump is a new stream, not a loss. Default 100 packets. */
  maxGap?: number;
}

interface Held<P> {
  packet: P;
  arrivedMs: number;
}

export class ReorderBuffer<P extends Sequenced> {
  readonly #waitMs: number;
  readonly #capacity: number;
  readonly #maxGap: number;
  readonly #held = new Map<number, Held<P>>();
  #expected: number | undefined;

  constructor({ waitMs = 60, capacity = 64, maxGap = 100 }: ReorderOptions = {}) {
    this.#waitMs = waitMs;
    this.#capacity = capacity;
    this.#maxGap = maxGap;
  }

  /** Takes a packet and returns what may leave now. */
  push(packet: P, nowMs: number): Ordered<P>[] {
    const { sequenceNumber } = packet;
    this.#expected ??= sequenceNumber;
    const ahead = signedDistance(this.#expected, sequenceNumber);
    if (Math.abs(ahead) > this.#maxGap) return this.#beginAnew(packet);
    if (ahead < 0) return [];
    if (!this.#held.has(sequenceNumber)) this.#held.set(sequenceNumber, { packet, arrivedMs: nowMs });
    return this.release(nowMs);
  }

  /** What may leave at `nowMs`: call it again at `deadline`. */
  release(nowMs: number): Ordered<P>[] {
    const out: Ordered<P>[] = [];
    while (this.#expected !== undefined && this.#held.size > 0) {
      const next = this.#held.get(this.#expected);
      if (next) out.push({ type: 'packet', packet: next.packet });
      else if (this.#gapIsOver(nowMs)) out.push({ type: 'lost', following: this.#after(this.#expected) });
      else break;
      this.#held.delete(this.#expected);
      this.#expected = following(this.#expected);
    }
    return out;
  }

  /** When the packet that waits longest must leave; undefined: none waits. */
  get deadline(): number | undefined {
    const oldest = this.#oldestArrival();
    return oldest === undefined ? undefined : oldest + this.#waitMs;
  }

  /** What waits behind a gap of the old stream waits in vain. */
  #beginAnew(packet: P): Ordered<P>[] {
    const rest = this.release(Number.POSITIVE_INFINITY);
    this.#expected = following(packet.sequenceNumber);
    return [...rest, { type: 'packet', packet }];
  }

  #gapIsOver(nowMs: number): boolean {
    return this.#held.size > this.#capacity || nowMs >= (this.deadline ?? Number.POSITIVE_INFINITY);
  }

  #after(sequenceNumber: number): P | undefined {
    return this.#held.get(following(sequenceNumber))?.packet;
  }

  #oldestArrival(): number | undefined {
    // A Map keeps the order of insertion, which is that of arrival.
    for (const { arrivedMs } of this.#held.values()) return arrivedMs;
    return undefined;
  }
}
