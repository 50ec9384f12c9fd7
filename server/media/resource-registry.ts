/** What a participant owns of one kind: at most `bound`, those in the making included. What closes is forgotten. */
import { ApiError, messageOf } from '../../protocol/api-error.ts';

interface Closable {
  readonly id: string;
  close(): void;
  readonly observer: { once(event: 'close', listener: () => void): unknown };
}

export class ResourceRegistry<T extends Closable> {
  readonly #what: string;
  readonly #bound: number;
  readonly #items = new Map<string, T>();
  #making = 0;
  #closed = false;

  /** `what` names one of them for people. */
  constructor(what: string, bound: number) {
    this.#what = what;
    this.#bound = bound;
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
    if (!item) throw new ApiError('notFound', `you have no ${this.#what} ${id}`);
    return item;
  }

  /** @throws {ApiError} at the bound, with what the media server has against it, or because the owner has left */
  async make<U extends T>(create: () => Promise<U>): Promise<U> {
    if (this.#items.size + this.#making >= this.#bound)
      throw new ApiError('tooMany', `you have ${this.#bound} ${this.#what}s already, which is as many as one may have`);
    this.#making++;
    try {
      const item = await ofMedia(create);
      if (this.#closed) {
        item.close();
        throw new ApiError('unavailable', 'you have left the room');
      }
      this.#items.set(item.id, item);
      item.observer.once('close', () => this.#items.delete(item.id));
      return item;
    } finally {
      this.#making--;
    }
  }

  close(): void {
    this.#closed = true;
    for (const item of this.all) item.close();
  }
}

/** mediasoup checks its parameters itself, and says what is wrong with them. */
export async function ofMedia<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new ApiError('media', `the media server refused: ${messageOf(error)}`);
  }
}
