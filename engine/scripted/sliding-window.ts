/** What was used in the last minute, to the second; holds at most 61 numbers. */
const MINUTE_MS = 60_000;
const STEP_MS = 1000;

export class SlidingWindow {
  readonly #used: { fromMs: number; amount: number }[] = [];

  add(amount: number, nowMs: number): void {
    const fromMs = Math.floor(nowMs / STEP_MS) * STEP_MS;
    const newest = this.#used.at(-1);
    if (newest?.fromMs === fromMs) newest.amount += amount;
    else this.#used.push({ fromMs, amount });
  }

  total(nowMs: number): number {
    while (this.#used[0] && this.#used[0].fromMs <= nowMs - MINUTE_MS) this.#used.shift();
    return this.#used.reduce((sum, { amount }) => sum + amount, 0);
  }
}
