/**
 * Paces the words of one utterance onto the screen: one by one at reading speed, none later than a second after it arrived. Until the
 * utterance is final the number of words never decreases: retracted tentative words stay until others replace them. No timers: the time is
 * passed in.
 */
import type { LanguageCode } from '@mediasoup-booth/protocol';
import { columnWidth, splitWords } from '../../captions/line-breaking.ts';

const MOST_DELAY_MS = 1_000;
/** Reading speed: 170 words a minute, or 9 full-width characters a second. */
const WORD_MS = 60_000 / 170;
const COLUMN_MS = 1_000 / 18;
const written = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}]/u;

const readingMs = (word: string) => (written.test(word) ? columnWidth(word.trimEnd()) * COLUMN_MS : WORD_MS);

interface CaptionTextUpdate {
  language: LanguageCode;
  stable: string;
  tentative: string;
  final: boolean;
}

export interface PacedText {
  text: string;
  /** The length of the stable part of `text`. */
  stable: number;
  /** When the last word of a final text is shown; undefined: more may follow. */
  wholeMs: number | undefined;
  /** When the next word is shown; undefined: none is waiting. */
  nextMs: number | undefined;
}

export class WordPacing {
  #words: string[] = [];
  /** When each word is shown; ascending. */
  #dueMs: number[] = [];
  #stable = 0;
  /** When the final text arrived. */
  #finalMs: number | undefined;

  /** `paced: false` shows all words at once, for what was said long ago. */
  update({ language, stable, tentative, final }: CaptionTextUpdate, nowMs: number, paced = true): void {
    const shown = this.#shown(nowMs);
    const next = splitWords(stable + tentative, language);
    this.#words = final || next.length >= shown ? next : this.#withShownWords(splitWords(stable, language), shown);
    this.#stable = stable.length;
    if (final) this.#finalMs ??= nowMs;
    this.#schedule(nowMs, paced);
  }

  at(nowMs: number): PacedText {
    const shown = this.#shown(nowMs);
    const text = this.#words.slice(0, shown).join('');
    return {
      text,
      stable: Math.min(this.#stable, text.length),
      wholeMs: this.#finalMs === undefined ? undefined : Math.max(this.#finalMs, this.#dueMs.at(-1) ?? 0),
      nextMs: this.#dueMs[shown],
    };
  }

  /** The stable words, followed by the words that were already shown after them. */
  #withShownWords(certain: readonly string[], shown: number): string[] {
    const last = certain.at(-1);
    const stood = this.#words[certain.length - 1];
    const gap = last !== undefined && !/\s$/.test(last) && /\s$/.test(stood ?? '') ? ' ' : '';
    return [
      ...certain.slice(0, -1),
      ...(last === undefined ? [] : [last + gap]),
      ...this.#words.slice(certain.length, shown),
    ];
  }

  #shown(nowMs: number): number {
    const next = this.#dueMs.findIndex((due) => due > nowMs);
    return next === -1 ? this.#dueMs.length : next;
  }

  /** Schedules new words at reading speed, or faster where the last would be shown too late. */
  #schedule(nowMs: number, paced: boolean): void {
    this.#dueMs.length = Math.min(this.#dueMs.length, this.#words.length);
    const durations = this.#words.slice(this.#dueMs.length).map(readingMs);
    const [first = 0] = durations;
    const from = Math.max(this.#dueMs.at(-1) ?? Number.NEGATIVE_INFINITY, nowMs - first);
    const all = durations.reduce((sum, ms) => sum + ms, 0);
    const haste = Math.min(1, (nowMs + MOST_DELAY_MS - from) / all);
    let due = from;
    for (const ms of durations) {
      due += ms * haste;
      this.#dueMs.push(paced ? due : nowMs);
    }
  }
}
