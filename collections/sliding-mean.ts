/**
 * The mean of the latest numbers, in constant time for each. It takes no memory before there are numbers.
 *
 * @example
 * const mean = new SlidingMean(3);
 * for (const value of [1, 2, 3, 4]) mean.push(value);
 * mean.mean; // 3
 */
export class SlidingMean {
  readonly #length: number;
  readonly #values: number[] = [];
  #sum = 0;
  #next = 0;

  /** @param length how many numbers count */
  constructor(length: number) {
    this.#length = length;
  }

  push(value: number): void {
    this.#sum += value - (this.#values[this.#next] ?? 0);
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#length;
  }

  /** How many numbers count, until there are as many as may. */
  get count(): number {
    return this.#values.length;
  }

  /** 0 before the first number. */
  get mean(): number {
    return this.count === 0 ? 0 : this.#sum / this.count;
  }
}
