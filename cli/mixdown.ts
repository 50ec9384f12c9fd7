/**
 * Mixes several tracks into one stream in real time: samples of a track start when its first ones come, and tracks that sound at the
 * same time are added. No timers, no sockets.
 *
 * Bounds: samples are written one second after their time, and samples that come later than that are moved to a later time; a pause of
 * all tracks is kept up to 10 s.
 */
import type { Clock } from '../time/clock.ts';

const WRITE_AFTER_MS = 1000;
const LONGEST_PAUSE_MS = 10_000;
const MAX_SAMPLE = 32_767;

export class Mixdown {
  readonly #clock: Clock;
  readonly #samplesPerMs: number;
  readonly #write: (samples: Int16Array) => void;
  readonly #ends = new Map<string, number>();
  #startMs: number | undefined;
  /** Samples that are not written yet. They follow the `#written` ones. */
  #pending = new Int16Array(0);
  #written = 0;

  constructor(rate: number, clock: Clock, write: (samples: Int16Array) => void) {
    this.#samplesPerMs = rate / 1000;
    this.#clock = clock;
    this.#write = write;
  }

  /** Adds samples that follow the track's last ones. */
  add(track: string, samples: Int16Array): void {
    const nowAt = this.#now();
    const at = Math.max(this.#ends.get(track) ?? nowAt, this.#written);
    this.#ends.set(track, at + samples.length);
    this.#mix(samples, at - this.#written);
    this.#writeUntil(nowAt - WRITE_AFTER_MS * this.#samplesPerMs);
  }

  /** Writes the rest. */
  close(): void {
    this.#writeUntil(this.#written + this.#pending.length);
  }

  /** The present time, in samples since the first. */
  #now(): number {
    const nowMs = this.#clock.now();
    const startMs = this.#startMs ?? nowMs;
    const endMs = startMs + (this.#written + this.#pending.length) / this.#samplesPerMs;
    this.#startMs = startMs + Math.max(0, nowMs - endMs - LONGEST_PAUSE_MS);
    return Math.round((nowMs - this.#startMs) * this.#samplesPerMs);
  }

  #mix(samples: Int16Array, at: number): void {
    if (at + samples.length > this.#pending.length) {
      const longer = new Int16Array(at + samples.length);
      longer.set(this.#pending);
      this.#pending = longer;
    }
    for (const [i, sample] of samples.entries()) {
      const sum = (this.#pending[at + i] ?? 0) + sample;
      this.#pending[at + i] = Math.max(-MAX_SAMPLE, Math.min(MAX_SAMPLE, sum));
    }
  }

  #writeUntil(end: number): void {
    const count = Math.min(end - this.#written, this.#pending.length);
    if (count <= 0) return;
    this.#write(this.#pending.subarray(0, count));
    this.#pending = this.#pending.slice(count);
    this.#written += count;
  }
}
