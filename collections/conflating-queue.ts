/**
 * A conflating queue: a newer item replaces a waiting one with the same key, and goes to the end.
 *
 * Bounded: when more than `capacity` items wait, the oldest item that has a key is dropped, else the oldest.
 *
 * @example
 * const queue = new ConflatingQueue<string>(64);
 * queue.push('ann is typing', 'typing:ann');
 * queue.shift()?.item;
 */
export class ConflatingQueue<T> {
  readonly #capacity: number;
  #waiting: { item: T; key: string | undefined }[] = [];
  /** Items that were dropped because the queue was full. */
  dropped = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Adds an item; with a key, it replaces a waiting item with the same key. */
  push(item: T, key: string | undefined): void {
    if (key !== undefined) this.#waiting = this.#waiting.filter((other) => other.key !== key);
    this.#waiting.push({ item, key });
    if (this.#waiting.length > this.#capacity) this.#dropOne();
  }

  /** Removes the oldest item and returns it; undefined where none waits. */
  shift(): { item: T; key: string | undefined } | undefined {
    return this.#waiting.shift();
  }

  clear(): void {
    this.#waiting = [];
  }

  #dropOne(): void {
    const replaceable = this.#waiting.findIndex(({ key }) => key !== undefined);
    this.#waiting.splice(Math.max(0, replaceable), 1);
    this.dropped++;
  }
}
