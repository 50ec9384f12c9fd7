/**
 * Tells the developer of a page what has not come after a while: the answer to a choice of languages, the voice of a translation that
 * sounds, the packets of that voice. No DOM; timers are passed in.
 */
import type { HeardLanguage } from '@mediasoup-booth/protocol';
import type { DeveloperWarnings } from './developer-warnings.ts';

/** How long a choice may remain unanswered. */
export const CHOICE_MS = 10_000;
/** How long a translation may be announced without a voice, or without a packet of it. */
export const SILENT_MS = 3_000;
/** How long a voice may take to come after the interpreter is ready: it is published before. */
export const VOICE_MS = 5_000;

export interface MissingPartsOptions {
  warnings: Pick<DeveloperWarnings, 'warn'>;
  /** What the person wants to hear now. */
  hears(): HeardLanguage;
  /** The voices in a language that the page was given so far. */
  voicesIn(language: string): readonly Pick<MediaStreamTrack, 'muted' | 'readyState'>[];
  /** Runs something later. @returns what cancels it */
  after(ms: number, run: () => void): () => void;
}

export class MissingParts {
  readonly #options: MissingPartsOptions;
  #unmarked: string | undefined;
  /** The language whose voice is looked for next. */
  #awaited: string | undefined;

  constructor(options: MissingPartsOptions) {
    this.#options = options;
  }

  /** The page handed over something that nobody marked as an interpreter's. @param remedy what is to be said if a voice should be missing */
  unmarked(remedy: string): void {
    this.#unmarked ??= remedy;
  }

  /** A choice was handed to the page. @returns its answer */
  asked(answer: unknown): unknown {
    if (!(answer instanceof Promise)) return answer;
    const { after, warnings } = this.#options;
    const cancel = after(CHOICE_MS, () =>
      warnings.warn(
        'choiceUnanswered',
        `a choice of languages was handed to choose() ${CHOICE_MS / 1000} s ago, and its promise is still open: does your server take the request, and answer it?`,
      ),
    );
    return answer.finally(cancel);
  }

  /** The interpreter is ready to speak the language that the person hears. */
  ready(language: string): void {
    if (language === this.#awaited || this.#options.voicesIn(language).length > 0) return;
    this.#awaited = language;
    this.#options.after(VOICE_MS, () => {
      this.#awaited = undefined;
      this.#checkVoice(language, `the interpreter is ready to speak "${language}"`);
    });
  }

  /** A translation into the language that the person hears begins to sound. */
  announced(language: string): void {
    const { after, voicesIn } = this.#options;
    const voices = voicesIn(language);
    if (voices.length === 0)
      after(SILENT_MS, () => this.#checkVoice(language, `a translation into "${language}" sounds`));
    else if (voices.every(({ muted }) => muted)) after(SILENT_MS, () => this.#checkPackets(language, voices));
  }

  #checkVoice(language: string, what: string): void {
    const { warnings, hears, voicesIn } = this.#options;
    if (voicesIn(language).length > 0 || hears() !== language) return;
    warnings.warn('noVoice', `${what}, and no voice was added: ${this.#unmarked ?? notAdded(language)}`);
  }

  #checkPackets(language: string, voices: ReturnType<MissingPartsOptions['voicesIn']>): void {
    if (!voices.every(({ muted, readyState }) => muted && readyState === 'live')) return;
    this.#options.warnings.warn(
      'silentChannel',
      `a translation into "${language}" sounds, and no packet of it comes: your server has to resume the consumer.`,
    );
  }
}

const notAdded = (language: string): string =>
  "add() was not called with a consumer of the interpreter. Where your page looks at consumer.appData.booth first, your server's signalling " +
  "has to pass on the producer's appData, which consumers do not have by themselves; or say what it is: " +
  `add(consumer, { role: 'channel', language: '${language}' }).`;
