/**
 * Several tracks as one sound in real time: each sounds from when it is first heard, and those that sound at once are added. Pure.
 *
 * Bounds: what is older than a second is given away, and sounds later where it comes later than that; of a time in which no track
 * says anything 10 s are kept.
 */
import type { Clock } from '../time/clock.ts';

const LATEST_MS = 1000;
const LONGEST_PAUSE_MS = 10_000;
const LOUDEST = 32_767;

export class Mixdown {
  readonly #clock: Clock;
  readonly #samplesPerMs: number;
  readonly #write: (samples: Int16Array) => void;
  readonly #ends = new Map<string, number>();
  #startMs: number | undefined;
  /** What is not given away yet, and where in the whole it begins. */
  #kept = new Int16Array(0);
  #given = 0;

  constructor(rate: number, clock: Clock, write: (samples: Int16Array) => void) {
    this.#samplesPerMs = rate / 1000;
    this.#clock = clock;
    this.#write = write;
  }

  /** What follows the last of the same track. */
  add(track: string, samples: Int16Array): void {
    const nowAt = this.#now();
    const at = Math.max(this.#ends.get(track) ?? nowAt, this.#given);
    this.#ends.set(track, at + samples.length);
    this.#mix(samples, at - this.#given);
    this.#giveUntil(nowAt - LATEST_MS * this.#samplesPerMs);
  }

  /** Gives away the rest. */
  close(): void {
    this.#giveUntil(this.#given + this.#kept.length);
  }

  /** In samples since the first. */
  #now(): number {
    const nowMs = this.#clock.now();
    const startMs = this.#startMs ?? nowMs;
    const endMs = startMs + (this.#given + this.#kept.length) / this.#samplesPerMs;
    this.#startMs = startMs + Math.max(0, nowMs - endMs - LONGEST_PAUSE_MS);
    return Math.round((nowMs - this.#startMs) * this.#samplesPerMs);
  }

  #mix(samples: Int16Array, at: number): void {
    if (at + samples.length > this.#kept.length) {
      const longer = new Int16Array(at + samples.length);
      longer.set(this.#kept);
      this.#kept = longer;
    }
    for (const [i, sample] of samples.entries()) {
      const sum = (this.#kept[at + i] ?? 0) + sample;
      this.#kept[at + i] = Math.max(-LOUDEST, Math.min(LOUDEST, sum));
    }
  }

  #giveUntil(end: number): void {
    const count = Math.min(end - this.#given, this.#kept.length);
    if (count <= 0) return;
    this.#write(this.#kept.subarray(0, count));
    this.#kept = this.#kept.slice(count);
    this.#given += count;
  }
}
