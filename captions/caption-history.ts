/**
 * What was said lately in one room, for who joins late: of each language the last 50 finals and the open partials. It
 * believes nothing that interpreters send: what is too large, is no room message, or is of another language than its
 * channel's is dropped and counted.
 */
import type { LanguageCode } from '../protocol/languages.ts';
import { type CaptionMessage, MAX_ROOM_MESSAGE_BYTES, RoomMessage } from '../protocol/room-messages.ts';

export const FINALS_KEPT = 50;
/** Of one language; the oldest goes. Real ones are as many as speak at once. */
export const PARTIALS_KEPT = 50;
/** Languages kept; the one that was silent for longest goes. */
export const LANGUAGES_KEPT = 64;

/** Where a message came from: the data producer, and the language that the server stamped on it. */
export interface CaptionOrigin {
  id: string;
  language: LanguageCode;
}

/** A message, and its place among all that the room has overheard, from 1. */
export interface ReceivedMessage<M extends RoomMessage = RoomMessage> {
  number: number;
  message: M;
}

interface Language {
  finals: ReceivedMessage<CaptionMessage>[];
  /** By source, kind and utterance, in the order in which they began. */
  partials: Map<string, ReceivedMessage<CaptionMessage> & { source: string }>;
}

export class CaptionHistory {
  /** In the order in which they were last heard of. */
  readonly #languages = new Map<LanguageCode, Language>();
  /** What began to be said before is not kept. */
  #fromMs = Number.NEGATIVE_INFINITY;
  #received = 0;
  #dropped = 0;

  /** How many messages were not worth keeping because they were wrong. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The message, if it was one. */
  add(source: CaptionOrigin, bytes: Uint8Array): ReceivedMessage | undefined {
    const message = bytes.byteLength <= MAX_ROOM_MESSAGE_BYTES ? parse(bytes) : undefined;
    if (message?.language !== source.language) {
      this.#dropped++;
      return undefined;
    }
    const number = ++this.#received;
    if (message.type === 'caption' && message.start >= this.#fromMs) this.#keep(source.id, { number, message });
    return { number, message };
  }

  /** The interpreter's channel closed: what it left open will never be finished. */
  sourceClosed(id: string): void {
    for (const { partials } of this.#languages.values())
      for (const [key, { source }] of partials) if (source === id) partials.delete(key);
  }

  /** All that began to be said before this moment of the room's clock, also where its end or its translation is still to come. */
  eraseBefore(clockMs: number): void {
    this.#fromMs = clockMs;
    this.#languages.clear();
  }

  /** Oldest first, by when it was said. */
  recent(): CaptionMessage[] {
    return this.since(0).map(({ message }) => message);
  }

  /** Of these, what came after the message of this number. */
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
      shed(partials, PARTIALS_KEPT);
      return;
    }
    partials.delete(key);
    if (message.stable === '' && !message.corrected && !message.contentFiltered) return;
    finals.push({ number, message });
    if (finals.length > FINALS_KEPT) finals.shift();
  }

  #language(code: LanguageCode): Language {
    const language = this.#languages.get(code) ?? { finals: [], partials: new Map() };
    this.#languages.delete(code);
    this.#languages.set(code, language);
    shed(this.#languages, LANGUAGES_KEPT);
    return language;
  }
}

function shed<K>(map: Map<K, unknown>, bound: number): void {
  const [oldest] = map.keys();
  if (map.size > bound && oldest !== undefined) map.delete(oldest);
}

function parse(message: Uint8Array): RoomMessage | undefined {
  try {
    return RoomMessage.safeParse(JSON.parse(new TextDecoder().decode(message))).data;
  } catch {
    return undefined;
  }
}
