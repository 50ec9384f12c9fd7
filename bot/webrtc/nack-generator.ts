/**
 * Which packets of a stream to ask for again (RFC 4585 §6.2.1), and when: a number that was skipped, soon after the gap is seen.
 *
 * Hard requirement: a packet is asked for at most `attempts` times, and not once it has come. At most `MAX_GAP` are missing
 * at a time: the oldest give way.
 */
import { nextSequenceNumber, sequenceDistance } from './sequence-number.ts';

export interface NackTiming {
  /** A packet that was only overtaken has come by then. */
  firstAfterMs: number;
  againAfterMs: number;
  attempts: number;
}

/** All within the 60 ms that the reorder buffer waits. */
export const audioNackTiming: NackTiming = { firstAfterMs: 10, againAfterMs: 20, attempts: 3 };
/** A key frame may take longer, on long ways too. */
export const videoNackTiming: NackTiming = { firstAfterMs: 10, againAfterMs: 40, attempts: 10 };

/** A larger jump is a new stream, not a loss. */
const MAX_GAP = 100;

interface MissingPacket {
  nackAtMs: number;
  nacks: number;
}

export class NackGenerator {
  readonly #timing: NackTiming;
  /** Oldest first. */
  readonly #missing = new Map<number, MissingPacket>();
  #highest: number | undefined;

  constructor(times: NackTiming) {
    this.#timing = times;
  }

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

  /** Those to ask for now. */
  takeDue(nowMs: number): number[] {
    const due = [...this.#missing].filter(([, { nackAtMs: askMs }]) => askMs <= nowMs);
    for (const [sequenceNumber, missing] of due) {
      missing.nackAtMs = nowMs + this.#timing.againAfterMs;
      if (++missing.nacks === this.#timing.attempts) this.#missing.delete(sequenceNumber);
    }
    return due.map(([sequenceNumber]) => sequenceNumber);
  }

  /** When to look at `due` again; undefined: nothing is missing. */
  get deadline(): number | undefined {
    if (this.#missing.size === 0) return undefined;
    return Math.min(...[...this.#missing.values()].map(({ nackAtMs: askMs }) => askMs));
  }

  #addMissing(after: number, count: number, nowMs: number): void {
    const askMs = nowMs + this.#timing.firstAfterMs;
    for (let i = 1; i <= count; i++) this.#missing.set(nextSequenceNumber(after, i), { nackAtMs: askMs, nacks: 0 });
    for (const oldest of this.#missing.keys()) {
      if (this.#missing.size <= MAX_GAP) break;
      this.#missing.delete(oldest);
    }
  }
}
