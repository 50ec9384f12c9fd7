/**
 * Keeps exactly the wanted things open: opens what is missing, closes what is no longer wanted. One that cannot be opened is
 * tried three times while it is wanted; then whoever owns this is told, once for each.
 */
const ATTEMPTS = 3;
const BETWEEN_MS = 1_000;

export interface FollowingOptions<T> {
  open(key: string): Promise<T>;
  close(thing: T): void;
  /** What is open has changed. */
  changed(): void;
  gaveUp(error: unknown): void;
  betweenMs?: number;
}

export class Following<T> {
  readonly #options: FollowingOptions<T>;
  readonly #open = new Map<string, T>();
  readonly #opening = new Set<string>();
  #wanted = new Set<string>();

  constructor(options: FollowingOptions<T>) {
    this.#options = options;
  }

  get open(): ReadonlyMap<string, T> {
    return this.#open;
  }

  follow(keys: Iterable<string>): void {
    this.#wanted = new Set(keys);
    for (const [key, thing] of [...this.#open]) {
      if (this.#wanted.has(key)) continue;
      this.#open.delete(key);
      this.#options.close(thing);
      this.#options.changed();
    }
    for (const key of this.#wanted) if (!this.#open.has(key) && !this.#opening.has(key)) void this.#add(key);
  }

  async #add(key: string): Promise<void> {
    this.#opening.add(key);
    for (let attempt = 1; this.#wanted.has(key); attempt++) {
      try {
        this.#arrived(key, await this.#options.open(key));
        break;
      } catch (error) {
        if (attempt === ATTEMPTS && this.#wanted.has(key)) {
          this.#options.gaveUp(error);
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, this.#options.betweenMs ?? BETWEEN_MS));
      }
    }
    this.#opening.delete(key);
  }

  /** It may have become unwanted while it was being opened. */
  #arrived(key: string, thing: T): void {
    if (!this.#wanted.has(key)) {
      this.#options.close(thing);
      return;
    }
    this.#open.set(key, thing);
    this.#options.changed();
  }
}
