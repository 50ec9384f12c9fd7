/** The resources of one kind that a participant owns: at most `limit`, those being created included. One that closes is removed. */
import { ApiError, messageOf } from '@mediasoup-booth/protocol';

interface Closable {
  readonly id: string;
  close(): void;
  readonly observer: { once(event: 'close', listener: () => void): unknown };
}

export class ResourceRegistry<T extends Closable> {
  readonly #label: string;
  readonly #limit: number;
  readonly #items = new Map<string, T>();
  #pending = 0;
  #closed = false;

  /** @param label names one of them for people */
  constructor(label: string, limit: number) {
    this.#label = label;
    this.#limit = limit;
  }

  get all(): T[] {
    return [...this.#items.values()];
  }

  has(id: string): boolean {
    return this.#items.has(id);
  }

  /** @throws {ApiError} where the participant owns none with this id: nobody reaches another's */
  get(id: string): T {
    const item = this.#items.get(id);
    if (!item) throw new ApiError('notFound', `you have no ${this.#label} ${id}`);
    return item;
  }

  /** @throws {ApiError} at the limit, where mediasoup refuses, or where the owner has left meanwhile */
  async create<U extends T>(create: () => Promise<U>): Promise<U> {
    if (this.#items.size + this.#pending >= this.#limit)
      throw new ApiError(
        'tooMany',
        `you have ${this.#limit} ${this.#label}s already, which is as many as one may have`,
      );
    this.#pending++;
    try {
      const item = await mediaCall(create);
      if (this.#closed) {
        item.close();
        throw new ApiError('unavailable', 'you have left the room');
      }
      this.#items.set(item.id, item);
      item.observer.once('close', () => this.#items.delete(item.id));
      return item;
    } finally {
      this.#pending--;
    }
  }

  close(): void {
    this.#closed = true;
    for (const item of this.all) item.close();
  }
}

/** Calls mediasoup. @throws {ApiError} with what mediasoup says is wrong with its parameters */
export async function mediaCall<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new ApiError('media', `the media server refused: ${messageOf(error)}`);
  }
}
