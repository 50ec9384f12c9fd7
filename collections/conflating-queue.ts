/**
 * A bounded queue in which a newer item takes the place of a waiting one with the same key, at the end. At the bound the oldest
 * that has a key goes, else the oldest.
 */
export class ConflatingQueue<T> {
  readonly #capacity: number;
  #waiting: { item: T; key: string | undefined }[] = [];
  /** Items that the bound has cost. */
  dropped = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#waiting.length;
  }

  push(item: T, key: string | undefined): void {
    if (key !== undefined) this.#waiting = this.#waiting.filter((other) => other.key !== key);
    this.#waiting.push({ item, key });
    if (this.#waiting.length > this.#capacity) this.#dropOne();
  }

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
