/**
 * Whether an interpreter is in the middle of something, as far as its messages say: an utterance is open, or one is being played. Between two
 * of them another interpreter can take over. No timers: callers pass the time in.
 */
import type { RoomMessage } from '@mediasoup-booth/protocol';
import { BoundedMap } from '../../collections/bounded-map.ts';

/** A translation that is complete begins to be played within this time. */
const QUIET_MS = 700;
/** More utterances than are open at one moment. */
const MAX_OPEN = 256;
/** An utterance that never ends, as of a service that was lost, does not count for longer. */
const FORGOTTEN_AFTER_MS = 60_000;

export class SpeechPause {
  readonly #open = new BoundedMap<string, number>(MAX_OPEN);
  #lastMs = Number.NEGATIVE_INFINITY;

  push(message: RoomMessage, nowMs: number): void {
    if (message.type === 'caption') this.#set(`${message.language} ${message.utterance} text`, !message.final, nowMs);
    else if (message.type === 'playout')
      this.#set(`${message.language} ${message.utterance} voice`, message.state === 'started', nowMs);
  }

  /** The interpreter has left: nothing of it goes on. */
  clear(): void {
    this.#open.clear();
  }

  isPause(nowMs: number): boolean {
    for (const [key, atMs] of this.#open) if (nowMs - atMs > FORGOTTEN_AFTER_MS) this.#open.delete(key);
    return this.#open.size === 0 && nowMs - this.#lastMs >= QUIET_MS;
  }

  #set(key: string, isOpen: boolean, nowMs: number): void {
    this.#lastMs = nowMs;
    this.#open.delete(key);
    if (isOpen) this.#open.set(key, nowMs);
  }
}
