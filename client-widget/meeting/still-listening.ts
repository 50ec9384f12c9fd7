/**
 * Counts, for each speaker, the listeners whose translation of their words is not over yet. Each entry expires after 60 s, because an
 * interpreter that crashed announces no end. No timers: the time is passed in.
 */
import type { LanguageCode } from '../../protocol/languages.ts';
import type { RoomMessage } from '../../protocol/room-messages.ts';

const LONGEST_MS = 60_000;

interface Interpreted {
  speaker: string;
  language: LanguageCode;
  /** Utterances whose translation plays now. */
  sounding: Set<string>;
  /** The service is still translating what they said. */
  translating: boolean;
  listeners: number;
  sinceMs: number;
}

export class StillListening {
  /** Interpretations by language and speaker. */
  readonly #interpreted = new Map<string, Interpreted>();

  push(message: RoomMessage, nowMs: number): void {
    if (message.type === 'caption') return;
    const one = this.#of(message.speaker.id, message.language);
    one.sinceMs = nowMs;
    if (message.type === 'status') {
      one.listeners = message.listeners;
      one.translating = message.state === 'translating';
    } else if (message.state === 'started') one.sounding.add(message.utterance);
    else one.sounding.delete(message.utterance);
  }

  /** The counts by speaker id, without those that are 0. */
  at(nowMs: number): ReadonlyMap<string, number> {
    const waiting = new Map<string, number>();
    for (const { speaker, sounding, translating, listeners, sinceMs } of this.#interpreted.values()) {
      const isOver = (sounding.size === 0 && !translating) || nowMs - sinceMs > LONGEST_MS;
      if (!isOver && listeners > 0) waiting.set(speaker, (waiting.get(speaker) ?? 0) + listeners);
    }
    return waiting;
  }

  /** Removes speakers who are no longer present. */
  retain(present: ReadonlySet<string>): void {
    for (const [key, { speaker }] of this.#interpreted) if (!present.has(speaker)) this.#interpreted.delete(key);
  }

  #of(speaker: string, language: LanguageCode): Interpreted {
    const key = `${language} ${speaker}`;
    const known = this.#interpreted.get(key) ?? {
      speaker,
      language,
      sounding: new Set<string>(),
      translating: false,
      listeners: 0,
      sinceMs: 0,
    };
    this.#interpreted.set(key, known);
    return known;
  }
}
