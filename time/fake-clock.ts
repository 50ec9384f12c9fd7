/** A clock whose time passes only when a test says so. Calls that are due run in order, each at its own time. */
import type { Clock } from './clock.ts';

export class FakeClock implements Clock {
  /** How often a call was asked for: tells that something has put a deadline off. */
  timersSet = 0;
  #now = 0;
  readonly #pending = new Set<{ at: number; run: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const entry = { at: this.#now + ms, run };
    this.timersSet++;
    this.#pending.add(entry);
    return () => this.#pending.delete(entry);
  }

  /** Calls that are still scheduled. Something that has ended must leave none behind. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Lets time pass as while the event loop is blocked: calls that become due wait for `advance`. */
  stall(ms: number): void {
    this.#now += ms;
  }

  /** Lets time pass and runs the calls that become due. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let due = this.#next(until); due; due = this.#next(until)) {
      this.#pending.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = until;
  }

  /** The earliest that is due by then; of several at one moment, the one that was asked for first. */
  #next(untilMs: number): { at: number; run: () => void } | undefined {
    let earliest: { at: number; run: () => void } | undefined;
    for (const entry of this.#pending) if (earliest ? entry.at < earliest.at : entry.at <= untilMs) earliest = entry;
    return earliest;
  }
}
