/**
 * Counts, for each speaker, the listeners who still wait for the translation of the speaker's words or hear it. A translation without any
 * message for 60 s is no longer counted, because an interpreter that crashed announces no end. No timers: the time is passed in.
 */
import type { LanguageCode, RoomMessage } from '@mediasoup-booth/protocol';

const EXPIRES_AFTER_MS = 60_000;

/** The translation of one speaker into one language. */
interface PendingTranslation {
  speaker: string;
  language: LanguageCode;
  /** Ids of the utterances whose translation is playing. */
  playing: Set<string>;
  /** The service is still translating what the speaker said. */
  isTranslating: boolean;
  listeners: number;
  /** When the last message about it came. */
  updatedMs: number;
}

export class PendingTranslationCounter {
  /** The translations, keyed by language and speaker id. */
  readonly #translations = new Map<string, PendingTranslation>();

  /** Takes a message of any channel; captions are ignored. */
  push(message: RoomMessage, nowMs: number): void {
    if (message.type === 'caption') return;
    const translation = this.#translationOf(message.speaker.id, message.language);
    translation.updatedMs = nowMs;
    if (message.type === 'status') {
      translation.listeners = message.listeners;
      translation.isTranslating = message.state === 'translating';
    } else if (message.state === 'started') translation.playing.add(message.utterance);
    else translation.playing.delete(message.utterance);
  }

  /** The number of waiting listeners by speaker id, without speakers for whom nobody waits. */
  listenersBySpeaker(nowMs: number): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { speaker, playing, isTranslating, listeners, updatedMs } of this.#translations.values()) {
      const isDone = (playing.size === 0 && !isTranslating) || nowMs - updatedMs > EXPIRES_AFTER_MS;
      if (!isDone && listeners > 0) counts.set(speaker, (counts.get(speaker) ?? 0) + listeners);
    }
    return counts;
  }

  /** Removes speakers who are no longer present. */
  retain(present: ReadonlySet<string>): void {
    for (const [key, { speaker }] of this.#translations) if (!present.has(speaker)) this.#translations.delete(key);
  }

  #translationOf(speaker: string, language: LanguageCode): PendingTranslation {
    const key = `${language} ${speaker}`;
    const known = this.#translations.get(key) ?? {
      speaker,
      language,
      playing: new Set<string>(),
      isTranslating: false,
      listeners: 0,
      updatedMs: 0,
    };
    this.#translations.set(key, known);
    return known;
  }
}
