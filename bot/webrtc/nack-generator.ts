/**
 * Which packets of a stream to ask for again (RFC 4585 §6.2.1), and when: a number that was skipped, soon after the gap is seen.
 *
 * Hard requirement: a packet is asked for at most `attempts` times, and not once it has come. At most `MAX_GAP` are missing
 * at a time: the oldest give way.
 */
import { following, signedDistance } from './sequence-number.ts';

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

interface Missing {
  askMs: number;
  asked: number;
}

export class NackGenerator {
  readonly #times: NackTiming;
  /** Oldest first. */
  readonly #missing = new Map<number, Missing>();
  #highest: number | undefined;

  constructor(times: NackTiming) {
    this.#times = times;
  }

  arrived(sequenceNumber: number, nowMs: number): void {
    const ahead = this.#highest === undefined ? 1 : signedDistance(this.#highest, sequenceNumber);
    if (this.#highest === undefined || Math.abs(ahead) > MAX_GAP) this.#missing.clear();
    else if (ahead > 0) this.#miss(this.#highest, ahead - 1, nowMs);
    else {
      this.#missing.delete(sequenceNumber);
      return;
    }
    this.#highest = sequenceNumber;
  }

  /** Those to ask for now. */
  due(nowMs: number): number[] {
    const due = [...this.#missing].filter(([, { askMs }]) => askMs <= nowMs);
    for (const [sequenceNumber, missing] of due) {
      missing.askMs = nowMs + this.#times.againAfterMs;
      if (++missing.asked === this.#times.attempts) this.#missing.delete(sequenceNumber);
    }
    return due.map(([sequenceNumber]) => sequenceNumber);
  }

  /** When to look at `due` again; undefined: nothing is missing. */
  get deadline(): number | undefined {
    if (this.#missing.size === 0) return undefined;
    return Math.min(...[...this.#missing.values()].map(({ askMs }) => askMs));
  }

  #miss(after: number, count: number, nowMs: number): void {
    const askMs = nowMs + this.#times.firstAfterMs;
    for (let i = 1; i <= count; i++) this.#missing.set(following(after, i), { askMs, asked: 0 });
    for (const oldest of this.#missing.keys()) {
      if (this.#missing.size <= MAX_GAP) break;
      this.#missing.delete(oldest);
    }
  }
}
