/**
 * The text of one utterance as a service revises it → captions that never take a word back. Pure.
 *
 * Hard requirements: `stable` only grows, and words become stable soon: those that the service confirms at once, others when
 * they have stood for 800 ms and through four revisions and are not among the last two. What contradicts `stable` is told at
 * the end, as `corrected`; until then, what follows it goes on.
 */
import { removeOverlap, wordsOf } from '../interpretation/text-overlap.ts';

/** On recorded human speech, a seventh fewer finals contradict what was shown than after 600 ms and three. */
const STANDS_AFTER_MS = 800;
const STANDS_AFTER_REVISIONS = 4;
/** A service that is still listening changes its mind about the last words. */
const UNSURE_WORDS = 2;

export interface CaptionText {
  stable: string;
  tentative: string;
}

export interface FinalText {
  stable: string;
  /** The whole text, where it contradicts `stable`. */
  corrected?: string;
}

interface Word {
  text: string;
  /** Where it ends. */
  end: number;
  sinceMs: number;
  revisions: number;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

export class CaptionStabilizer {
  #stable = '';
  #latest = '';
  #words: Word[] = [];

  /** All that was shown last. */
  get shown(): string {
    return this.#latest;
  }

  /** What the service has confirmed, and what it may still change, at a time in milliseconds. */
  update(confirmed: string, tentative: string, nowMs: number): CaptionText {
    const whole = confirmed + tentative;
    this.#latest = whole;
    this.#updateWordAges(whole, nowMs);
    const stands = Math.max(confirmed.length, this.#settledLength(nowMs));
    const restAt = this.#endOfStableIn(whole);
    if (stands > restAt) this.#stable = this.#appendToStable(whole.slice(restAt, stands));
    const rest = whole.slice(Math.max(restAt, stands));
    return { stable: this.#stable, tentative: this.#appendToStable(rest).slice(this.#stable.length) };
  }

  /** What is tentative was said before. */
  retract(): void {
    this.#latest = this.#stable;
  }

  /** The service's last word; empty: what it said before it fell silent. */
  finish(text: string): FinalText {
    const whole = text || this.#latest;
    if (whole.startsWith(this.#stable)) return { stable: whole };
    return { stable: this.#stable, corrected: whole };
  }

  /** Words keep their age for as long as they and all before them stay as they are. */
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

  /** How much of the latest text has stood long enough. */
  #settledLength(nowMs: number): number {
    const sure = this.#words.slice(0, -UNSURE_WORDS);
    const unsure = sure.findIndex(
      ({ sinceMs, revisions }) => nowMs - sinceMs < STANDS_AFTER_MS || revisions < STANDS_AFTER_REVISIONS,
    );
    const standing = unsure < 0 ? sure : sure.slice(0, unsure);
    return standing.at(-1)?.end ?? 0;
  }

  /** Where in a text what is stable has been said. */
  #endOfStableIn(whole: string): number {
    if (whole.startsWith(this.#stable)) return this.#stable.length;
    const known = wordsOf(this.#stable);
    const { rest, covered } = removeOverlap(known, whole);
    if (covered > 0) return whole.length - rest.length;
    // Other words altogether: as many as were shown stand for them.
    return this.#words[known.length - 1]?.end ?? whole.length;
  }

  #appendToStable(rest: string): string {
    const joins = rest === '' || this.#stable === '' || /^[\s\p{P}]/u.test(rest) || /\s$/u.test(this.#stable);
    return joins || isUnspaced(rest) ? this.#stable + rest : `${this.#stable} ${rest}`;
  }
}

const isUnspaced = (text: string): boolean =>
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(text);
