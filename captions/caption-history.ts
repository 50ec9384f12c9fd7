/**
 * The recent captions of one room, for people who join late: the last 50 final captions of each language, and the open partial ones, as
 * many as are in the last 512 kB. It takes valid messages: `checked-caption-history.ts` checks those of others.
 */

import type { CaptionMessage, LanguageCode, RoomMessage } from '@mediasoup-booth/protocol';
import { BoundedMap } from '../collections/bounded-map.ts';

export const FINALS_KEPT = 50;
/** Partial captions kept for each language, then the oldest is dropped. There are about as many as people who speak at once. */
export const PARTIALS_KEPT = 50;
/** Languages kept, then the one without a caption for longest is dropped. */
export const LANGUAGES_KEPT = 64;
/** Bytes of captions kept in all, then the oldest are dropped. */
export const HISTORY_BYTES = 524_288;

/** The origin of a message: its data producer, and the language that the server registered for it. */
export interface CaptionOrigin {
  id: string;
  language: LanguageCode;
}

/** A message with its number among all messages of the room, from 1. */
export interface ReceivedMessage<M extends RoomMessage = RoomMessage> {
  number: number;
  message: M;
}

interface KeptCaption extends ReceivedMessage<CaptionMessage> {
  bytes: number;
}

interface LanguageCaptions {
  finals: KeptCaption[];
  /** The latest partial captions, keyed by source, kind and utterance, in the order in which the utterances started. */
  partials: BoundedMap<string, KeptCaption & { source: string }>;
}

export class CaptionHistory {
  /** The captions of each language; the language with the latest caption comes last. */
  readonly #languages = new BoundedMap<LanguageCode, LanguageCaptions>(LANGUAGES_KEPT);
  /** Captions of speech that began before this moment are not kept. */
  #fromMs = Number.NEGATIVE_INFINITY;
  /** What is kept, and what was replaced or dropped by another bound since this was last counted. */
  #bytesAtMost = 0;
  #received = 0;

  /** The number of the last message that was added; 0 before the first. */
  get lastNumber(): number {
    return this.#received;
  }

  /** @param bytes the size of the message as it came */
  add(source: CaptionOrigin, message: RoomMessage, bytes: number): ReceivedMessage {
    const number = ++this.#received;
    if (message.type === 'caption' && message.start >= this.#fromMs) this.#keep(source.id, { number, message, bytes });
    return { number, message };
  }

  /** Removes the partial captions of a channel that closed: they will never become final. */
  sourceClosed(id: string): void {
    for (const { partials } of this.#languages.values())
      for (const [key, { source }] of partials) if (source === id) partials.delete(key);
  }

  /** Erases captions of speech that began before this moment of the room's clock, and keeps none of those that still come. */
  eraseBefore(clockMs: number): void {
    this.#fromMs = clockMs;
    this.#languages.clear();
  }

  /** All captions that are kept, oldest speech first. */
  recent(): CaptionMessage[] {
    return this.since(0).map(({ message }) => message);
  }

  /** The captions that came after the message with this number, oldest speech first. */
  since(number: number): ReceivedMessage<CaptionMessage>[] {
    const captions = [...this.#languages.values()].flatMap(({ finals, partials }) => [...finals, ...partials.values()]);
    const later = captions.filter((caption) => caption.number > number);
    return later.sort((a, b) => a.message.start - b.message.start);
  }

  #keep(source: string, { number, message, bytes }: KeptCaption): void {
    const { finals, partials } = this.#language(message.language);
    const key = `${source} ${message.kind} ${message.utterance}`;
    if (!message.final) {
      partials.set(key, { source, number, message, bytes });
      this.#count(bytes);
      return;
    }
    partials.delete(key);
    if (message.stable === '' && !message.corrected && !message.contentFiltered) return;
    finals.push({ number, message, bytes });
    if (finals.length > FINALS_KEPT) finals.shift();
    this.#count(bytes);
  }

  /** Counts what was added. At the limit in bytes, the captions that came first are dropped, until the rest take three quarters of it. */
  #count(bytes: number): void {
    this.#bytesAtMost += bytes;
    if (this.#bytesAtMost <= HISTORY_BYTES) return;
    const kept = [...this.#languages.values()].flatMap(({ finals, partials }) => [...finals, ...partials.values()]);
    this.#bytesAtMost = 0;
    let firstKept = Number.POSITIVE_INFINITY;
    for (const caption of kept.sort((a, b) => b.number - a.number)) {
      if (this.#bytesAtMost + caption.bytes > HISTORY_BYTES * 0.75) break;
      this.#bytesAtMost += caption.bytes;
      firstKept = caption.number;
    }
    for (const language of this.#languages.values()) {
      language.finals = language.finals.filter(({ number }) => number >= firstKept);
      for (const [key, { number }] of language.partials) if (number < firstKept) language.partials.delete(key);
    }
  }

  #language(code: LanguageCode): LanguageCaptions {
    const language = this.#languages.get(code) ?? { finals: [], partials: new BoundedMap(PARTIALS_KEPT) };
    this.#languages.delete(code);
    this.#languages.set(code, language);
    return language;
  }
}
