/** What a participant owns of one kind: at most `bound`, those in the making included. What closes is forgotten. */
import { ApiError, messageOf } from '../../protocol/api-error.ts';

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

  /** `what` names one of them for people. */
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

  /** @throws {ApiError} when there is none: nobody gets at another's */
  get(id: string): T {
    const item = this.#items.get(id);
    if (!item) throw new ApiError('notFound', `you have no ${this.#label} ${id}`);
    return item;
  }

  /** @throws {ApiError} at the bound, with what the media server has against it, or because the owner has left */
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

/** mediasoup checks its parameters itself, and says what is wrong with them. */
export async function mediaCall<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new ApiError('media', `the media server refused: ${messageOf(error)}`);
  }
}
