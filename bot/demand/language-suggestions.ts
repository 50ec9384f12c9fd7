/**
 * Suggests to speakers that they declare the language they seem to speak, where it is another than they declared: to the speaker alone, and
 * each language once.
 */

import type { LanguageCode } from '@mediasoup-booth/protocol';
import type { Logger } from '../../logging/logger.ts';
import type { RoomConnection } from '../room/room-connection.ts';
import { type RecognizedText, SpokenLanguageDetector } from './spoken-language-detector.ts';

export interface LanguageSuggestionsOptions {
  connection: Pick<RoomConnection, 'participants' | 'suggest'>;
  /** The languages that the model understands. */
  sources: readonly LanguageCode[];
  log: Pick<Logger, 'debug'>;
}

export class LanguageSuggestions {
  readonly #options: LanguageSuggestionsOptions;
  readonly #detectors = new Map<string, SpokenLanguageDetector>();

  constructor(options: LanguageSuggestionsOptions) {
    this.#options = options;
  }

  /** @param session identifies the session that recognized the text, among those of the speaker */
  push(speaker: string, session: string, recognized: RecognizedText): void {
    const { connection, sources, log } = this.#options;
    // Speech from before the speaker declared another language is no evidence.
    if (connection.participants.get(speaker)?.speaks !== recognized.declared) return;
    const detector = this.#detectors.get(speaker) ?? new SpokenLanguageDetector(sources);
    this.#detectors.set(speaker, detector);
    const language = detector.push(session, recognized);
    if (language === undefined) return;
    connection
      .suggest(speaker, language)
      .catch((error: unknown) => log.debug({ err: error, speaker }, 'language suggestion could not be sent'));
  }

  /** Removes a speaker who is no longer interpreted. */
  remove(speaker: string): void {
    this.#detectors.delete(speaker);
  }
}
