/**
 * What happens on the server, for whoever tells other applications of it. Whoever emits knows nobody who listens; an event is passed to
 * every listener before `emit` returns, in the order in which the listeners came. Listeners do not throw.
 */
import type { WebhookData, WebhookEvent, WebhookEventType } from '@mediasoup-booth/protocol';

export class ServerEvents {
  readonly #listeners = new Set<(event: WebhookEvent) => void>();
  readonly #wallNow: () => number;

  /** @param wallNow milliseconds since 1970 */
  constructor(wallNow: () => number) {
    this.#wallNow = wallNow;
  }

  /** Calls `listener` for every event from now on. @returns unsubscribes it */
  on(listener: (event: WebhookEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * @example
   * events.emit('room.started', { room: 'lobby', instance });
   */
  emit<T extends WebhookEventType>(type: T, data: WebhookData<T>): void {
    if (this.#listeners.size === 0) return;
    const event = { type, timestamp: new Date(this.#wallNow()).toISOString(), data } as WebhookEvent;
    for (const listener of this.#listeners) listener(event);
  }
}
