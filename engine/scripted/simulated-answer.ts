/**
 * The translation of one utterance as it comes out, word by word: text, and the voice with it, faster than it was said. It
 * begins when it is told to and may run behind its utterance while that continues; its end comes once, after all of it.
 */
import type { ResponseOutput, UtteranceOutput } from '../wire/backend.ts';
import type { Random } from './random.ts';
import type { LastingFault } from './script.ts';
import { misheard, partialText, sentenceOf, UNSURE_WORDS } from './text.ts';
import { wordAudio } from './word-audio.ts';

export interface AnswerOptions {
  utterance: UtteranceOutput;
  /** What there is to say so far, with every word that is not sure at its end. */
  words(): string[];
  language: string;
  /** Undefined: text alone. */
  voice: { msPerWord: number; pace: number } | undefined;
  faults: ReadonlySet<LastingFault>;
  /** Nothing is confirmed before the end. */
  confirmsLate: boolean;
  revises: number;
  random: Random;
  later(ms: number, run: () => void): () => void;
  /** What came out, in samples and characters. */
  onOutput(spoken: { samples: number; characters: number }): void;
  /** Nothing more comes. */
  onEnded(): void;
}

const TEXT_EVERY_MS = 40;
const FIRST_RESPONSE_WORDS = 4;

export class SimulatedAnswer {
  readonly #options: AnswerOptions;
  #response: ResponseOutput | undefined;
  /** Where the current response began, for those that are cut in two. */
  #from = 0;
  #sentWords = 0;
  #state: 'waiting' | 'running' | 'said' | 'over' = 'waiting';
  /** All its words are known. */
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

  /** There are more words than before. */
  update(): void {
    if (this.#state !== 'running' || this.#cancelStep) return;
    this.#step();
  }

  complete(): void {
    this.#complete = true;
    this.update();
  }

  /** Says what is left at once, up to its end, which waits for `finish`. */
  flush(): void {
    this.#complete = true;
    if (this.#state === 'waiting') this.#state = 'running';
    if (this.#state !== 'running') return;
    this.#cancel();
    while (this.#sentWords < this.#ready) this.#sendWord();
    this.#endText();
  }

  finish(): void {
    if (this.#state !== 'said') return;
    this.#state = 'over';
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

  /** How many words can be said: the last ones may become others. */
  get #ready(): number {
    const { length } = this.#options.words();
    return this.#complete ? length : Math.max(0, length - UNSURE_WORDS);
  }

  get #text(): string {
    return sentenceOf(this.#options.words().slice(this.#from, this.#sentWords), this.#options.language);
  }

  #sendWord(): void {
    const { utterance, voice, faults: manners, onOutput: spent } = this.#options;
    if (manners.has('severalResponses')) this.#startAnotherResponse();
    this.#response ??= utterance.response();
    const word = this.#options.words()[this.#sentWords] ?? '';
    const before = this.#text.length;
    this.#sentWords++;
    this.#sendText();
    const sound = voice ? wordAudio(word, voice.msPerWord) : new Int16Array();
    this.#response.audio(sound);
    spent({ samples: sound.length, characters: this.#text.length - before });
  }

  #startAnotherResponse(): void {
    const first = this.#complete ? Math.ceil(this.#options.words().length / 2) : FIRST_RESPONSE_WORDS;
    if (this.#from > 0 || this.#sentWords < first) return;
    this.#response?.done(this.#text);
    this.#response = undefined;
    this.#from = this.#sentWords;
  }

  #sendText(): void {
    const { words, language, confirmsLate: holdsBack, revises, random } = this.#options;
    const known = words().slice(this.#from, this.#sentWords + UNSURE_WORDS);
    const sure = this.#sentWords - this.#from;
    const unsure = known.length > sure && random.chance(revises);
    const { stable, tentative } = partialText(unsure ? misheard(known, random) : known, holdsBack ? 0 : sure, language);
    this.#response?.text(stable, tentative);
  }

  #endText(): void {
    const { utterance, faults: manners } = this.#options;
    this.#state = 'said';
    if (manners.has('noFinal')) {
      this.#state = 'over';
      this.#options.onEnded();
      return;
    }
    this.#response ??= utterance.response();
    this.#response.said(manners.has('emptyDone') ? '' : this.#text);
  }
}
