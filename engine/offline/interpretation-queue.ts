/**
 * Translates and speaks the utterances of one speaker, one after another, while the next is being recognised. At most 16 wait. If a stage
 * fails, only that utterance is affected: the text it has stands, and the next utterance is interpreted.
 */
import type { Logger } from '../../logging/logger.ts';
import type { UtteranceOutput } from '../wire/backend.ts';
import { type SpeechSynthesizer, StageError, type Translator } from './stages.ts';

const MAX_WAITING = 16;

export interface InterpretationQueueOptions {
  translator: Translator;
  /** Undefined if only text is wanted. */
  voice: SpeechSynthesizer | undefined;
  /** Called when an utterance has been interpreted. */
  onProgress?: () => void;
  log: Pick<Logger, 'warn'>;
}

export class InterpretationQueue {
  readonly #options: InterpretationQueueOptions;
  readonly #closed = new AbortController();
  #last = Promise.resolve();
  #waiting = 0;

  constructor(options: InterpretationQueueOptions) {
    this.#options = options;
  }

  add(utterance: UtteranceOutput, sentence: string): void {
    if (this.#waiting >= MAX_WAITING) {
      utterance.response().failed('The translation is too far behind: this sentence was left out.');
      return;
    }
    this.#waiting++;
    this.#last = this.#last
      .then(() => this.#interpret(utterance, sentence))
      .finally(() => {
        this.#waiting--;
        if (!this.#closed.signal.aborted) this.#options.onProgress?.();
      });
  }

  /** How many utterances are interpreted, or wait for that. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Resolves when all added utterances have been interpreted. */
  finish(): Promise<void> {
    return this.#last;
  }

  close(): void {
    this.#closed.abort();
  }

  async #interpret(utterance: UtteranceOutput, sentence: string): Promise<void> {
    const { translator, voice, log } = this.#options;
    const { signal } = this.#closed;
    if (signal.aborted) return;
    const response = utterance.response();
    try {
      const translation = await translator.translate(sentence);
      response.text(translation, '');
      await voice?.synthesize(translation, (samples) => response.audio(samples), signal);
      response.done(translation);
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ err: error }, 'sentence not interpreted completely');
      response.failed(error instanceof StageError ? error.message : 'The translation failed.');
    }
  }
}
