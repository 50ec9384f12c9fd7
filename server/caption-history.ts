/**
 * What was said lately in one room, for who joins late: of each language the last 50 finals and the open partials. It
 * believes nothing that interpreters send: what is too large, is no room message, or is of another language than its
 * channel's is dropped and counted.
 */
import type { LanguageCode } from '../protocol/languages.ts';
import { type Caption, MAX_ROOM_MESSAGE_BYTES, RoomMessage } from '../protocol/room-messages.ts';

export const FINALS_KEPT = 50;
/** Of one language; the oldest goes. Real ones are as many as speak at once. */
export const PARTIALS_KEPT = 50;
/** Languages kept; the one that was silent for longest goes. */
export const LANGUAGES_KEPT = 64;

/** Where a message came from: the data producer, and the language that the server stamped on it. */
export interface CaptionSource {
  id: string;
  language: LanguageCode;
}

interface Language {
  finals: Caption[];
  /** By source, kind and utterance, in the order in which they began. */
  partials: Map<string, { source: string; caption: Caption }>;
}

export class CaptionHistory {
  /** In the order in which they were last heard of. */
  readonly #languages = new Map<LanguageCode, Language>();
  #dropped = 0;

  /** How many messages were not worth keeping because they were wrong. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether the message was one. */
  add(source: CaptionSource, message: Uint8Array): boolean {
    const parsed = message.byteLength <= MAX_ROOM_MESSAGE_BYTES ? parse(message) : undefined;
    if (parsed?.language !== source.language) {
      this.#dropped++;
      return false;
    }
    if (parsed.type === 'caption') this.#keep(source.id, parsed);
    return true;
  }

  /** The interpreter's channel closed: what it left open will never be finished. */
  sourceClosed(id: string): void {
    for (const { partials } of this.#languages.values())
      for (const [key, { source }] of partials) if (source === id) partials.delete(key);
  }

  /** Oldest first, by when it was said. */
  recent(): Caption[] {
    const captions = [...this.#languages.values()].flatMap(({ finals, partials }) => [
      ...finals,
      ...[...partials.values()].map(({ caption }) => caption),
    ]);
    return captions.sort((a, b) => a.start - b.start);
  }

  #keep(source: string, caption: Caption): void {
    const { finals, partials } = this.#language(caption.language);
    const key = `${source} ${caption.kind} ${caption.utterance}`;
    if (!caption.final) {
      partials.set(key, { source, caption });
      shed(partials, PARTIALS_KEPT);
      return;
    }
    partials.delete(key);
    if (caption.stable === '' && !caption.corrected && !caption.refused) return;
    finals.push(caption);
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
