/** Time that passes when a test says so; what is due runs in order, at its own moment. */
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

  /** How many calls are still to come: none may be left behind by what has ended. */
  get pending(): number {
    return this.#pending.size;
  }

  /** The event loop is held: time passes, and what falls due waits for `advance`. */
  stall(ms: number): void {
    this.#now += ms;
  }

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
