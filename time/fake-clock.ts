/** A clock whose time passes only when a test says so. Calls that are due run in order, each at its own time. */
import type { Clock } from './clock.ts';

export class FakeClock implements Clock {
  #now = 0;
  readonly #pending = new Set<{ at: number; run: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const entry = { at: this.#now + ms, run };
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
    for (;;) {
      const due = [...this.#pending].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#pending.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = until;
  }
}
