/** A value that can be watched: the seam between the room and whatever shows it. Nothing here knows a screen. */
export interface Watched<T> {
  readonly value: T;
  /** Calls back at every change, not at once. Returns what ends it. */
  watch(listener: (value: T) => void): () => void;
}

export class Store<T> implements Watched<T> {
  #value: T;
  readonly #listeners = new Set<(value: T) => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener(value);
  }

  watch(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
