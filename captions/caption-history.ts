/**
 * The recent captions of one room, for people who join late: the last 50 final captions of each language, and the open partial ones.
 * Interpreters are not trusted: a message that is too large, invalid, or in another language than its channel is dropped and counted.
 */
import { BoundedMap } from '../collections/bounded-map.ts';
import type { LanguageCode } from '../protocol/languages.ts';
import { type CaptionMessage, MAX_ROOM_MESSAGE_BYTES, RoomMessage } from '../protocol/room-messages.ts';

export const FINALS_KEPT = 50;
/** Partial captions kept for each language, then the oldest is dropped. There are about as many as people who speak at once. */
export const PARTIALS_KEPT = 50;
/** Languages kept, then the one without a caption for longest is dropped. */
export const LANGUAGES_KEPT = 64;

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

interface LanguageCaptions {
  finals: ReceivedMessage<CaptionMessage>[];
  /** The latest partial captions, keyed by source, kind and utterance, in the order in which the utterances started. */
  partials: BoundedMap<string, ReceivedMessage<CaptionMessage> & { source: string }>;
}

export class CaptionHistory {
  /** The captions of each language; the language with the latest caption comes last. */
  readonly #languages = new BoundedMap<LanguageCode, LanguageCaptions>(LANGUAGES_KEPT);
  /** Captions of speech that began before this moment are not kept. */
  #fromMs = Number.NEGATIVE_INFINITY;
  #received = 0;
  #dropped = 0;

  /** How many messages were dropped because they were too large or invalid, or in the wrong language. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @returns the message, if the bytes are a valid one */
  parse(source: CaptionOrigin, bytes: Uint8Array): RoomMessage | undefined {
    const message = bytes.byteLength <= MAX_ROOM_MESSAGE_BYTES ? parse(bytes) : undefined;
    if (message?.language === source.language) return message;
    this.#dropped++;
    return undefined;
  }

  add(source: CaptionOrigin, message: RoomMessage): ReceivedMessage {
    const number = ++this.#received;
    if (message.type === 'caption' && message.start >= this.#fromMs) this.#keep(source.id, { number, message });
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

  #keep(source: string, { number, message }: ReceivedMessage<CaptionMessage>): void {
    const { finals, partials } = this.#language(message.language);
    const key = `${source} ${message.kind} ${message.utterance}`;
    if (!message.final) {
      partials.set(key, { source, number, message });
      return;
    }
    partials.delete(key);
    if (message.stable === '' && !message.corrected && !message.contentFiltered) return;
    finals.push({ number, message });
    if (finals.length > FINALS_KEPT) finals.shift();
  }

  #language(code: LanguageCode): LanguageCaptions {
    const language = this.#languages.get(code) ?? { finals: [], partials: new BoundedMap(PARTIALS_KEPT) };
    this.#languages.delete(code);
    this.#languages.set(code, language);
    return language;
  }
}

function parse(message: Uint8Array): RoomMessage | undefined {
  try {
    return RoomMessage.safeParse(JSON.parse(new TextDecoder().decode(message))).data;
  } catch {
    return undefined;
  }
}
