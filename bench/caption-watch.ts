/** Measures how steady captions are for their readers: how much stable text is changed, and how long text stays tentative. No timers, no sockets. */
import type { OutgoingCaption } from '../bot/captions/caption-channel.ts';

/** How steady the captions of one kind were. */
export interface CaptionMetrics {
  /** Characters of `stable` text that a later message changed or removed. */
  erased: number;
  /** Milliseconds between the moment when a word was first shown and when it became stable, for each word. */
  toStableMs: readonly number[];
  finals: number;
  /** The number of final captions that correct text which was shown as stable. */
  corrected: number;
}

/** An utterance as it is shown now. */
interface Shown {
  stable: string;
  stableWords: number;
  /** Maps each word to the times at which its first, second … occurrence in the utterance was first shown. */
  firstMs: Map<string, number[]>;
}

/** How steady original captions were, and how steady translations. */
export interface MetricsByKind {
  originals: CaptionMetrics;
  translations: CaptionMetrics;
}

/** Measures original captions and translations separately. */
export class CaptionWatchByKind {
  readonly #original = new CaptionWatch();
  readonly #translation = new CaptionWatch();

  see(caption: OutgoingCaption, nowMs: number): void {
    (caption.kind === 'original' ? this.#original : this.#translation).see(caption, nowMs);
  }

  get metrics(): MetricsByKind {
    return { originals: this.#original.metrics, translations: this.#translation.metrics };
  }
}

export class CaptionWatch {
  readonly #shown = new Map<string, Shown>();
  readonly #toStableMs: number[] = [];
  #erased = 0;
  #finals = 0;
  #corrected = 0;

  get metrics(): CaptionMetrics {
    return {
      erased: this.#erased,
      toStableMs: this.#toStableMs,
      finals: this.#finals,
      corrected: this.#corrected,
    };
  }

  see(
    { utterance, stable, tentative = '', final, corrected, contentFiltered: refused }: OutgoingCaption,
    nowMs: number,
  ): void {
    const shown = this.#shown.get(utterance) ?? { stable: '', stableWords: 0, firstMs: new Map() };
    this.#shown.set(utterance, shown);
    this.#erased += shown.stable.length - commonLength(shown.stable, stable);
    noteFirst(shown, wordsOf(stable + tentative), nowMs);
    const sure = wordsWithin(stable + tentative, stable.length);
    for (let i = shown.stableWords; i < sure.length; i++) {
      const first = shown.firstMs.get(sure[i] ?? '')?.[occurrence(sure, i)] ?? nowMs;
      this.#toStableMs.push(nowMs - first);
    }
    shown.stableWords = Math.max(shown.stableWords, sure.length);
    shown.stable = stable;
    if (final) {
      this.#finals++;
      if (corrected !== undefined && !refused) this.#corrected++;
    }
  }
}

function noteFirst({ firstMs }: Shown, words: readonly string[], nowMs: number): void {
  for (const [word, times] of Map.groupBy(words, (one) => one)) {
    const known = firstMs.get(word) ?? [];
    firstMs.set(word, known);
    while (known.length < times.length) known.push(nowMs);
  }
}

/** The number of earlier occurrences of the word at index `at`. */
const occurrence = (words: readonly string[], at: number): number =>
  words.slice(0, at).filter((word) => word === words[at]).length;

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** The words that end within the first `length` characters. */
const wordsWithin = (text: string, length: number): string[] =>
  [...text.toLowerCase().matchAll(/[\p{L}\p{N}':]+/gu)].flatMap(({ 0: word, index }) =>
    index + word.length <= length ? word : [],
  );

const wordsOf = (text: string): string[] => wordsWithin(text, text.length);
