/**
 * Keeps exactly the wanted subscriptions open: opens those that are missing and closes those that are no longer wanted. A failure to
 * open one is reported, and the next `reconcile` opens it again. No timers.
 */
export interface SubscriptionSyncOptions<T> {
  open(key: string): Promise<T>;
  close(subscription: T): void;
  /** Called when a subscription was opened or closed. */
  onChanged(): void;
  onFailed(error: unknown): void;
}

export class SubscriptionSync<T> {
  readonly #options: SubscriptionSyncOptions<T>;
  readonly #open = new Map<string, T>();
  readonly #opening = new Set<string>();
  #wanted = new Set<string>();

  constructor(options: SubscriptionSyncOptions<T>) {
    this.#options = options;
  }

  get open(): ReadonlyMap<string, T> {
    return this.#open;
  }

  reconcile(keys: Iterable<string>): void {
    this.#wanted = new Set(keys);
    for (const [key, subscription] of [...this.#open]) {
      if (this.#wanted.has(key)) continue;
      this.#open.delete(key);
      this.#options.close(subscription);
      this.#options.onChanged();
    }
    for (const key of this.#wanted) if (!this.#open.has(key) && !this.#opening.has(key)) void this.#add(key);
  }

  async #add(key: string): Promise<void> {
    this.#opening.add(key);
    try {
      this.#opened(key, await this.#options.open(key));
    } catch (error) {
      if (this.#wanted.has(key)) this.#options.onFailed(error);
    } finally {
      this.#opening.delete(key);
    }
  }

  /** A subscription may have become unwanted while it was being opened. */
  #opened(key: string, subscription: T): void {
    if (!this.#wanted.has(key)) {
      this.#options.close(subscription);
      return;
    }
    this.#open.set(key, subscription);
    this.#options.onChanged();
  }
}
