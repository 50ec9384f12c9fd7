/**
 * Decides which packets of a stream are requested again by a generic NACK (RFC 4585 §6.2.1), and when: a missing sequence number is
 * requested soon after the gap is seen. No timers: the caller calls again at `deadline`.
 *
 * Hard requirement: a packet is requested at most `attempts` times, and never after it has arrived.
 *
 * Bounded: at most 100 packets are missing at a time; beyond that the oldest are no longer requested.
 */
import { nextSequenceNumber, sequenceDistance } from '../rtp/sequence-number.ts';

interface NackTiming {
  /** Milliseconds until the first request; a packet that was only reordered arrives within this time. */
  firstAfterMs: number;
  /** Milliseconds until a request is repeated. */
  againAfterMs: number;
  /** Requests for each packet, at most. */
  attempts: number;
}

/** All requests for a packet fall within the 60 ms that the reorder buffer of audio waits. */
export const audioNackTiming: NackTiming = { firstAfterMs: 10, againAfterMs: 20, attempts: 3 };
/** A key frame may take longer, also over long round trips. */
export const videoNackTiming: NackTiming = { firstAfterMs: 10, againAfterMs: 40, attempts: 10 };

/** A larger jump of the sequence number is taken for a new stream, not for a loss. */
const MAX_GAP = 100;

interface MissingPacket {
  nackAtMs: number;
  nacks: number;
}

export class NackGenerator {
  readonly #timing: NackTiming;
  /** Missing packets by sequence number, oldest first. */
  readonly #missing = new Map<number, MissingPacket>();
  #highest: number | undefined;

  constructor(timing: NackTiming) {
    this.#timing = timing;
  }

  /** Takes the sequence number of a packet as it arrives. */
  push(sequenceNumber: number, nowMs: number): void {
    const ahead = this.#highest === undefined ? 1 : sequenceDistance(this.#highest, sequenceNumber);
    if (this.#highest === undefined || Math.abs(ahead) > MAX_GAP) this.#missing.clear();
    else if (ahead > 0) this.#addMissing(this.#highest, ahead - 1, nowMs);
    else {
      this.#missing.delete(sequenceNumber);
      return;
    }
    this.#highest = sequenceNumber;
  }

  /** Returns the sequence numbers to request now, and counts the request. */
  takeDue(nowMs: number): number[] {
    const due = [...this.#missing].filter(([, { nackAtMs }]) => nackAtMs <= nowMs);
    for (const [sequenceNumber, missing] of due) {
      missing.nackAtMs = nowMs + this.#timing.againAfterMs;
      if (++missing.nacks === this.#timing.attempts) this.#missing.delete(sequenceNumber);
    }
    return due.map(([sequenceNumber]) => sequenceNumber);
  }

  /** When `takeDue` is to be called next; undefined where nothing is missing. */
  get deadline(): number | undefined {
    if (this.#missing.size === 0) return undefined;
    return Math.min(...[...this.#missing.values()].map(({ nackAtMs }) => nackAtMs));
  }

  #addMissing(after: number, count: number, nowMs: number): void {
    const nackAtMs = nowMs + this.#timing.firstAfterMs;
    for (let i = 1; i <= count; i++) this.#missing.set(nextSequenceNumber(after, i), { nackAtMs, nacks: 0 });
    for (const oldest of this.#missing.keys()) {
      if (this.#missing.size <= MAX_GAP) break;
      this.#missing.delete(oldest);
    }
  }
}
