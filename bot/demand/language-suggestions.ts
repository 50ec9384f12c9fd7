/** Tells those who seem to speak another language than they declared: them alone, and of each language once. */
import type { Logger } from 'pino';
import type { LanguageCode } from '../../protocol/languages.ts';
import type { RoomConnection } from '../room/room-connection.ts';
import { type RecognizedText, SpokenLanguageDetector } from './spoken-language-detector.ts';

export interface LanguageSuggestionsOptions {
  connection: Pick<RoomConnection, 'participants' | 'suggest'>;
  /** What the model understands. */
  sources: readonly LanguageCode[];
  log: Pick<Logger, 'debug'>;
}

export class LanguageSuggestions {
  readonly #options: LanguageSuggestionsOptions;
  readonly #detectors = new Map<string, SpokenLanguageDetector>();

  constructor(options: LanguageSuggestionsOptions) {
    this.#options = options;
  }

  /** @param session which of those who hear the speaker has understood it */
  push(speaker: string, session: string, understood: RecognizedText): void {
    const { connection, sources, log } = this.#options;
    // What was begun under an earlier declaration says nothing of this one.
    if (connection.participants.get(speaker)?.speaks !== understood.declared) return;
    const spoken = this.#detectors.get(speaker) ?? new SpokenLanguageDetector(sources);
    this.#detectors.set(speaker, spoken);
    const language = spoken.push(session, understood);
    if (language === undefined) return;
    connection
      .suggest(speaker, language)
      .catch((error: unknown) => log.debug({ err: error, speaker }, 'somebody was not told what they seem to speak'));
  }

  /** They are not listened to any more. */
  remove(speaker: string): void {
    this.#detectors.delete(speaker);
  }
}
