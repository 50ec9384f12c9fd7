/**
 * Turns the text of one utterance, as a service revises it, into captions that never take a word back. No timers, no sockets.
 *
 * Hard requirements: `stable` only grows, and words become stable soon: those that the service confirms at once; others when they have
 * been unchanged for 800 ms and through four revisions and are not among the last two. A final text that contradicts `stable` is
 * reported as `corrected`; until then, new words are appended to what is stable.
 */
import { removeOverlap, wordsOf } from '../interpretation/text-overlap.ts';

/** Measured on recorded speech: a seventh fewer finals contradict what was shown than with 600 ms and three revisions. */
const STABLE_AFTER_MS = 800;
const STABLE_AFTER_REVISIONS = 4;
/** While speech goes on, services revise the last words most. */
const UNSTABLE_LAST_WORDS = 2;

export interface CaptionText {
  stable: string;
  tentative: string;
}

export interface FinalText {
  stable: string;
  /** The whole text, if it contradicts `stable`. */
  corrected?: string;
}

interface Word {
  text: string;
  /** The offset after its last character. */
  end: number;
  /** Since when it has been unchanged. */
  sinceMs: number;
  revisions: number;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

export class CaptionStabilizer {
  #stable = '';
  #latest = '';
  #words: Word[] = [];

  /** The whole text that was shown last. */
  get shown(): string {
    return this.#latest;
  }

  /**
   * @param confirmed text that the service will not change
   * @param tentative text after it that the service may still change
   */
  update(confirmed: string, tentative: string, nowMs: number): CaptionText {
    const whole = confirmed + tentative;
    this.#latest = whole;
    this.#updateWordAges(whole, nowMs);
    const confirmedEnd = Math.max(confirmed.length, this.#unchangedLength(nowMs));
    const stableEnd = this.#endOfStableIn(whole);
    if (confirmedEnd > stableEnd) this.#stable = this.#appendToStable(whole.slice(stableEnd, confirmedEnd));
    const rest = whole.slice(Math.max(stableEnd, confirmedEnd));
    return { stable: this.#stable, tentative: this.#appendToStable(rest).slice(this.#stable.length) };
  }

  /** Drops the tentative text, which repeats what was shown before. */
  retract(): void {
    this.#latest = this.#stable;
  }

  /** @param text the final text; empty: the text that was shown last is final */
  finish(text: string): FinalText {
    const whole = text || this.#latest;
    if (whole.startsWith(this.#stable)) return { stable: whole };
    return { stable: this.#stable, corrected: whole };
  }

  /** A word keeps its age as long as it and all words before it are unchanged. */
  #updateWordAges(text: string, nowMs: number): void {
    const words: Word[] = [];
    let same = true;
    for (const { segment, index, isWordLike } of segmenter.segment(text)) {
      if (!isWordLike) continue;
      const before = this.#words[words.length];
      same &&= before?.text === segment;
      const end = index + segment.length;
      words.push(
        same && before
          ? { ...before, end, revisions: before.revisions + 1 }
          : { text: segment, end, sinceMs: nowMs, revisions: 1 },
      );
    }
    this.#words = words;
  }

  /** How many characters of the latest text have been unchanged for long enough. */
  #unchangedLength(nowMs: number): number {
    const candidates = this.#words.slice(0, -UNSTABLE_LAST_WORDS);
    const firstChanging = candidates.findIndex(
      ({ sinceMs, revisions }) => nowMs - sinceMs < STABLE_AFTER_MS || revisions < STABLE_AFTER_REVISIONS,
    );
    const unchanged = firstChanging < 0 ? candidates : candidates.slice(0, firstChanging);
    return unchanged.at(-1)?.end ?? 0;
  }

  /** The offset in a text at which the stable text ends. */
  #endOfStableIn(whole: string): number {
    if (whole.startsWith(this.#stable)) return this.#stable.length;
    const stableWords = wordsOf(this.#stable);
    const { rest, matchedWordCount } = removeOverlap(stableWords, whole);
    if (matchedWordCount > 0) return whole.length - rest.length;
    // The service has reworded everything: as many of its words as are stable count as the stable text.
    return this.#words[stableWords.length - 1]?.end ?? whole.length;
  }

  #appendToStable(rest: string): string {
    const joins = rest === '' || this.#stable === '' || /^[\s\p{P}]/u.test(rest) || /\s$/u.test(this.#stable);
    return joins || isUnspaced(rest) ? this.#stable + rest : `${this.#stable} ${rest}`;
  }
}

const isUnspaced = (text: string): boolean =>
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(text);
