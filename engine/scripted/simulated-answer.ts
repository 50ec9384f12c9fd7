/**
 * Sends the translation of one utterance word by word, text and voice together, faster than it was spoken. It starts when `start` is
 * called, also while the utterance continues, and ends once, after its last word.
 */
import type { ResponseOutput, UtteranceOutput } from '../wire/backend.ts';
import type { Random } from './random.ts';
import type { LastingFault } from './script.ts';
import { misheard, partialText, sentenceOf, UNSURE_WORDS } from './text.ts';
import { wordAudio } from './word-audio.ts';

export interface AnswerOptions {
  utterance: UtteranceOutput;
  /** The translation so far; its last words may still change. */
  words(): string[];
  language: string;
  /** Undefined for text alone. */
  voice: { msPerWord: number; pace: number } | undefined;
  faults: ReadonlySet<LastingFault>;
  /** No text is confirmed before the end. */
  confirmsLate: boolean;
  revises: number;
  random: Random;
  later(ms: number, run: () => void): () => void;
  /** Called with the samples and characters that were sent. */
  onOutput(output: { samples: number; characters: number }): void;
  /** Called once, at the end. */
  onEnded(): void;
}

const TEXT_EVERY_MS = 40;
const FIRST_RESPONSE_WORDS = 4;

export class SimulatedAnswer {
  readonly #options: AnswerOptions;
  #response: ResponseOutput | undefined;
  /** The index of the first word of the current response: an utterance may have several. */
  #responseStart = 0;
  #sentWords = 0;
  #state: 'waiting' | 'running' | 'textEnded' | 'ended' = 'waiting';
  /** Whether all words of the utterance are known. */
  #complete = false;
  #cancelStep: (() => void) | undefined;

  constructor(options: AnswerOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'running';
    this.update();
  }

  /** `words` has changed. */
  update(): void {
    if (this.#state !== 'running' || this.#cancelStep) return;
    this.#step();
  }

  complete(): void {
    this.#complete = true;
    this.update();
  }

  /** Sends what is left at once, except for the end, which `finish` sends. */
  flush(): void {
    this.#complete = true;
    if (this.#state === 'waiting') this.#state = 'running';
    if (this.#state !== 'running') return;
    this.#cancel();
    while (this.#sentWords < this.#ready) this.#sendWord();
    this.#endText();
  }

  finish(): void {
    if (this.#state !== 'textEnded') return;
    this.#state = 'ended';
    this.#response?.done(this.#text);
    this.#options.onEnded();
  }

  #step(): void {
    this.#cancelStep = undefined;
    if (this.#sentWords < this.#ready) {
      this.#sendWord();
      const { voice } = this.#options;
      const everyMs = voice ? voice.msPerWord / voice.pace : TEXT_EVERY_MS;
      this.#cancelStep = this.#options.later(everyMs, () => this.#step());
    } else if (this.#complete) {
      this.#endText();
      this.finish();
    }
  }

  #cancel(): void {
    this.#cancelStep?.();
    this.#cancelStep = undefined;
  }

  /** How many words can be sent: the last ones may still change, unless the utterance is complete. */
  get #ready(): number {
    const { length } = this.#options.words();
    return this.#complete ? length : Math.max(0, length - UNSURE_WORDS);
  }

  get #text(): string {
    return sentenceOf(this.#options.words().slice(this.#responseStart, this.#sentWords), this.#options.language);
  }

  #sendWord(): void {
    const { utterance, voice, faults, onOutput } = this.#options;
    if (faults.has('severalResponses')) this.#startAnotherResponse();
    this.#response ??= utterance.response();
    const word = this.#options.words()[this.#sentWords] ?? '';
    const before = this.#text.length;
    this.#sentWords++;
    this.#sendText();
    const samples = voice ? wordAudio(word, voice.msPerWord) : new Int16Array();
    this.#response.audio(samples);
    onOutput({ samples: samples.length, characters: this.#text.length - before });
  }

  #startAnotherResponse(): void {
    const first = this.#complete ? Math.ceil(this.#options.words().length / 2) : FIRST_RESPONSE_WORDS;
    if (this.#responseStart > 0 || this.#sentWords < first) return;
    this.#response?.done(this.#text);
    this.#response = undefined;
    this.#responseStart = this.#sentWords;
  }

  #sendText(): void {
    const { words, language, confirmsLate, revises, random } = this.#options;
    const known = words().slice(this.#responseStart, this.#sentWords + UNSURE_WORDS);
    const confirmed = this.#sentWords - this.#responseStart;
    const isRevised = known.length > confirmed && random.chance(revises);
    const { stable, tentative } = partialText(
      isRevised ? misheard(known, random) : known,
      confirmsLate ? 0 : confirmed,
      language,
    );
    this.#response?.text(stable, tentative);
  }

  #endText(): void {
    const { utterance, faults } = this.#options;
    this.#state = 'textEnded';
    if (faults.has('noFinal')) {
      this.#state = 'ended';
      this.#options.onEnded();
      return;
    }
    this.#response ??= utterance.response();
    this.#response.said(faults.has('emptyDone') ? '' : this.#text);
  }
}
