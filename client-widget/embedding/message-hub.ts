/**
 * Passes the room messages of all ways (data consumers, `message`) on to the elements, and keeps the last captions for an element that is
 * rendered anew, a language that is chosen later, and who comes late. Holds at most 200 captions.
 */
import type { CaptionMessage, HeardLanguage, RoomMessage } from '@mediasoup-booth/protocol';
import { BoundedMap } from '../../collections/bounded-map.ts';
import type { ErrorReason } from '../media/error-reason.ts';
import type { LiveListener, LiveSource } from '../sources/caption-source.ts';

/** As many as `<booth-captions>` holds. */
const MOST_CAPTIONS = 200;

export class MessageHub {
  readonly #captions = new BoundedMap<string, CaptionMessage>(MOST_CAPTIONS);
  readonly #listeners = new Map<LiveListener, (message: RoomMessage) => boolean>();
  #notice: ErrorReason | undefined;

  /** A source of everything, for `<booth-channels>`. */
  readonly all: LiveSource = this.#source(() => true);

  /** A source for `<booth-captions>`: captions, and what is said about the languages that are read. */
  forReaders(reads: () => HeardLanguage | null): LiveSource {
    return this.#source(({ type, language }) => {
      const read = reads();
      return type === 'caption' || read === null || read === 'original' || read === language;
    });
  }

  add(message: RoomMessage): void {
    this.#keep(message);
    for (const [listener, takes] of [...this.#listeners]) if (takes(message)) listener.message(message, false);
  }

  /** Keeps captions of before; an element shows them when it is attached or reconnects. */
  addPast(messages: readonly RoomMessage[]): void {
    for (const message of messages) this.#keep(message);
  }

  setNotice(notice: ErrorReason | undefined): void {
    if (notice === this.#notice) return;
    this.#notice = notice;
    for (const listener of [...this.#listeners.keys()]) listener.notice?.(notice);
  }

  #source(takes: (message: RoomMessage) => boolean): LiveSource {
    return {
      open: (listener) => {
        listener.connection({ is: 'live' });
        for (const caption of this.#past()) if (takes(caption)) listener.message(caption, true);
        listener.notice?.(this.#notice);
        this.#listeners.set(listener, takes);
        return () => this.#listeners.delete(listener);
      },
    };
  }

  /** The captions that are kept, in the order in which they were said. */
  #past(): CaptionMessage[] {
    return [...this.#captions.values()].sort((a, b) => a.start - b.start);
  }

  #keep(message: RoomMessage): void {
    if (message.type !== 'caption') return;
    const key = `${message.language} ${message.kind} ${message.utterance}`;
    const before = this.#captions.get(key);
    if (before?.final || (before && before.stable.length > message.stable.length)) return;
    this.#captions.set(key, message);
  }
}
