/** The words of one utterance, as far as they were spoken: words of the vocabulary, an utterance of the script, or made-up words. */
import type { BackendConfiguration } from '../wire/backend.ts';
import { type Paraphrase, rephrased } from './paraphrase.ts';
import { fillerOf, joinerOf } from './text.ts';

/** An utterance of the script. */
export interface ScriptedUtterance {
  source: string;
  translations: Readonly<Record<string, string>>;
}

const madeUp = 'so we have seen this before and now it comes again from the other side of the house'.split(' ');
const MAX_WORDS = 5000;

export class SpokenWords {
  readonly #configuration: BackendConfiguration;
  readonly #scripted: ScriptedUtterance | undefined;
  readonly #words: string[] = [];
  #voiceMs = 0;
  #ended = false;
  paraphrase: Paraphrase | undefined;

  constructor(configuration: BackendConfiguration, scripted: ScriptedUtterance | undefined) {
    this.#configuration = configuration;
    this.#scripted = scripted;
  }

  addWord(word: string): void {
    if (this.#words.length < MAX_WORDS) this.#words.push(word);
  }

  /** Adds words for a voice that says no word of the vocabulary: the longer it lasts, the more. */
  addVoice(ms: number, wordsPerSecond: number): void {
    this.#voiceMs += ms;
    const known = Math.floor((this.#voiceMs / 1000) * wordsPerSecond);
    const source = this.#scripted?.source.split(/\s+/);
    while (this.#words.length < Math.min(known, source?.length ?? MAX_WORDS)) {
      this.#words.push((source ?? madeUp)[this.#words.length % (source ?? madeUp).length] ?? '');
    }
  }

  /** Ends the utterance: the rest of the scripted utterance belongs to it. */
  end(): void {
    this.#ended = true;
    if (this.#scripted) this.#words.splice(0, this.#words.length, ...this.#scripted.source.split(/\s+/));
    else if (this.#voiceMs > 0 && this.#words.length === 0) this.#words.push('yes');
  }

  /** The words as they were spoken, without paraphrase. */
  get words(): readonly string[] {
    return this.#words;
  }

  source(): string[] {
    return this.#paraphrased(this.#words, this.#configuration.source);
  }

  translation(): string[] {
    const { target } = this.#configuration;
    return this.#paraphrased(this.#scriptedTranslation() ?? this.#words.map((word) => this.#translated(word)), target);
  }

  #paraphrased(words: readonly string[], language: string): string[] {
    return this.paraphrase ? rephrased(words, fillerOf(language), this.paraphrase) : [...words];
  }

  #translated(word: string): string {
    const { target, hotwords } = this.#configuration;
    return (hotwords && Object.hasOwn(hotwords, word) && hotwords[word]) || `${target}:${word}`;
  }

  /** The scripted translation, up to the same share as the source was spoken. */
  #scriptedTranslation(): string[] | undefined {
    const { target } = this.#configuration;
    const text = this.#scripted?.translations[target];
    if (!this.#scripted || text === undefined) return undefined;
    const words = joinerOf(target) ? text.split(/\s+/) : [...text];
    if (this.#ended) return words;
    return words.slice(0, Math.floor((words.length * this.#words.length) / this.#scripted.source.split(/\s+/).length));
  }
}
