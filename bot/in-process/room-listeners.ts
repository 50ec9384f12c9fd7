/** Listeners of one room. One that throws or rejects is reported and harms nobody: neither the other listeners nor the room. */
import { callHost } from '../host-call.ts';
import type { RoomEventMap } from './room-options.ts';

type Listener = (...args: never[]) => unknown;
type EventName = keyof RoomEventMap;

export class RoomListeners {
  readonly #listeners = new Map<EventName, Set<Listener>>();
  readonly #onFailed: (event: EventName, error: unknown) => void;

  constructor(onFailed: (event: EventName, error: unknown) => void) {
    this.#onFailed = onFailed;
  }

  on(event: EventName, listener: Listener): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  off(event: EventName, listener: Listener): void {
    this.#listeners.get(event)?.delete(listener);
  }

  has(event: EventName): boolean {
    return (this.#listeners.get(event)?.size ?? 0) > 0;
  }

  emit<E extends EventName>(event: E, ...args: RoomEventMap[E]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])])
      void callHost(
        () => (listener as (...args: RoomEventMap[E]) => unknown)(...args),
        (error) => this.#onFailed(event, error),
      );
  }
}
