/**
 * Keeps the newest caption of each utterance and language of a room, for components that subscribe later. Holds at most 400; the oldest go
 * first.
 */
import type { RoomMessage } from '@mediasoup-booth/protocol';
import type { PageRoom } from '../media/page-room.ts';
import type { CaptionSource } from '../sources/caption-source.ts';

const MOST_LINES = 400;

export class CaptionLog implements CaptionSource {
  readonly #lines = new Map<string, RoomMessage>();
  readonly #listeners = new Set<(message: RoomMessage) => void>();

  constructor(room: Pick<PageRoom, 'onMessage'>) {
    room.onMessage((message) => this.add(message));
  }

  /** Adds a message that came another way than through the room. */
  add(message: RoomMessage): void {
    this.#keep(message);
    for (const listener of [...this.#listeners]) listener(message);
  }

  subscribe(listener: (message: RoomMessage) => void): () => void {
    for (const message of this.#lines.values()) listener(message);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Removes everything, after a host has deleted the transcript. */
  clear(): void {
    this.#lines.clear();
  }

  #keep(message: RoomMessage): void {
    if (message.type !== 'caption') return;
    this.#lines.set(`${message.kind} ${message.language} ${message.utterance}`, message);
    for (const key of this.#lines.keys()) {
      if (this.#lines.size <= MOST_LINES) return;
      this.#lines.delete(key);
    }
  }
}
