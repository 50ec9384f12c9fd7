/**
 * A map that holds at most `limit` entries; one more evicts the oldest. Setting a key again does not make it younger, unless it was
 * deleted before.
 *
 * @example
 * const recent = new BoundedMap<string, number>(64);
 * recent.set('a', 1);
 */
export class BoundedMap<K, V> extends Map<K, V> {
  readonly #limit: number;

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  override set(key: K, value: V): this {
    super.set(key, value);
    if (this.size > this.#limit) evictOldest(this);
    return this;
  }
}

/** A set that holds at most `limit` values; one more evicts the oldest. Adding a value again does not make it younger. */
export class BoundedSet<T> extends Set<T> {
  readonly #limit: number;

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  override add(value: T): this {
    super.add(value);
    if (this.size > this.#limit) evictOldest(this);
    return this;
  }
}

function evictOldest<K>(collection: { keys(): IterableIterator<K>; delete(key: K): boolean }): void {
  const oldest = collection.keys().next();
  if (!oldest.done) collection.delete(oldest.value);
}
