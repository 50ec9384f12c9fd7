/**
 * What is sent to one client, in order and in as few frames as possible: an announcement goes at once when none went in the last 50 ms,
 * else with all others at the end of these 50 ms; with a message of its own, such as a reply, all go that came before it. Several
 * messages are sent as a JSON array. At most 256 announcements wait, then they are sent early.
 */
import type { Clock } from '../../time/clock.ts';
import type { Announcement } from '../room/announcement.ts';

export const ANNOUNCEMENT_INTERVAL_MS = 50;
const MAX_WAITING = 256;

export class Outbox {
  readonly #clock: Clock;
  readonly #send: (text: string) => void;
  /** By key, so that a later announcement replaces an earlier one of the same; in the order in which they are sent. */
  readonly #waiting = new Map<string | number, Announcement>();
  #nextKey = 0;
  #sentMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, send: (text: string) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  announce(announcement: Announcement): void {
    const key = announcement.key ?? this.#nextKey++;
    this.#waiting.delete(key);
    this.#waiting.set(key, announcement);
    const inMs = this.#sentMs + ANNOUNCEMENT_INTERVAL_MS - this.#clock.now();
    if (inMs <= 0 || this.#waiting.size >= MAX_WAITING) this.#flush();
    else this.#cancelTimer ??= this.#clock.after(inMs, () => this.#flush());
  }

  /** Sends a message at once, after the announcements that came before it. */
  send(message: object): void {
    this.#flush(JSON.stringify(message));
  }

  close(): void {
    this.#cancelTimer?.();
    this.#waiting.clear();
  }

  #flush(...last: string[]): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const texts = [...Array.from(this.#waiting.values(), ({ json }) => json), ...last];
    if (this.#waiting.size > 0) this.#sentMs = this.#clock.now();
    this.#waiting.clear();
    const [only] = texts;
    if (only !== undefined) this.#send(texts.length === 1 ? only : `[${texts.join(',')}]`);
  }
}
