/**
 * Tells the developer of the embedding page, in the console, what is wrong and how it is mended. Each warning comes once: what is wrong
 * with one consumer is wrong with all of them.
 */
export type WarningCode =
  | 'badMessage'
  | 'captionsNotLoaded'
  | 'choiceUnanswered'
  | 'closedConsumer'
  | 'encodedTransform'
  | 'languagesMissing'
  | 'noCaptions'
  | 'noElement'
  | 'noOriginalElement'
  | 'noRole'
  | 'noVoice'
  | 'silentChannel'
  | 'voicesNotLoaded'
  | 'wrongKind';

export class DeveloperWarnings {
  readonly #given = new Set<WarningCode>();
  readonly #write: (text: string) => void;

  /** @param write default: `console.warn` */
  constructor(write: (text: string) => void = (text) => console.warn(text)) {
    this.#write = write;
  }

  warn(code: WarningCode, text: string): void {
    if (this.#given.has(code)) return;
    this.#given.add(code);
    this.#write(`Booth's meeting(): ${text} [${code}]`);
  }
}
