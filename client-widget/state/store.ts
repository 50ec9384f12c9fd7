/**
 * A value that listeners can watch: the interface between the logic and the components that show it. No timers, no DOM.
 *
 * @example
 *   const level = new Store(0);
 *   const stop = level.watch((value) => render(value));
 *   level.set(0.5); // calls render(0.5)
 *   stop();
 */
export interface Watched<T> {
  readonly value: T;
  /** Calls `listener` at every change, but not with the value it has now. Returns the function that ends it. */
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
