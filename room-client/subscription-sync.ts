/**
 * Keeps exactly the wanted subscriptions open: opens those that are missing and closes those that are no longer wanted. A failure to
 * open one is reported, and it is opened again with a doubling pause, from 1 s to 30 s, as long as it is wanted.
 */
import { Backoff } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';

export interface SubscriptionSyncOptions<T> {
  open(key: string): Promise<T>;
  close(subscription: T): void;
  /** Called when a subscription was opened or closed. */
  onChanged(): void;
  onFailed(error: unknown): void;
  /** Called when nothing that has failed is left: it is open, or no longer wanted. */
  onRecovered?(): void;
  clock: Clock;
}

interface Failure {
  backoff: Backoff;
  cancelRetry(): void;
}

export class SubscriptionSync<T> {
  readonly #options: SubscriptionSyncOptions<T>;
  readonly #open = new Map<string, T>();
  readonly #opening = new Set<string>();
  /** The wanted subscriptions that could not be opened so far. */
  readonly #failures = new Map<string, Failure>();
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
    for (const [key, { cancelRetry }] of this.#failures) {
      if (this.#wanted.has(key)) continue;
      cancelRetry();
      this.#recovered(key);
    }
    for (const key of this.#wanted) if (!this.#failures.has(key)) this.#add(key);
  }

  #add(key: string): void {
    if (this.#open.has(key) || this.#opening.has(key)) return;
    this.#opening.add(key);
    this.#options
      .open(key)
      .finally(() => this.#opening.delete(key))
      .then(
        (subscription) => this.#opened(key, subscription),
        (error: unknown) => this.#failed(key, error),
      );
  }

  /** A subscription may have become unwanted while it was being opened. */
  #opened(key: string, subscription: T): void {
    this.#recovered(key);
    if (!this.#wanted.has(key)) {
      this.#options.close(subscription);
      return;
    }
    this.#open.set(key, subscription);
    this.#options.onChanged();
  }

  #failed(key: string, error: unknown): void {
    if (!this.#wanted.has(key)) return;
    const backoff = this.#failures.get(key)?.backoff ?? new Backoff({ firstMs: 1000, maxMs: 30_000, jitter: 0.2 });
    const cancelRetry = this.#options.clock.after(backoff.next(), () => this.#add(key));
    this.#failures.set(key, { backoff, cancelRetry });
    this.#options.onFailed(error);
  }

  #recovered(key: string): void {
    if (this.#failures.delete(key) && this.#failures.size === 0) this.#options.onRecovered?.();
  }
}
