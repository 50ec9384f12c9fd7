/**
 * The words of one utterance as they come onto the screen: one by one, at the pace of reading, and none later than a second
 * after it arrived. While the utterance lasts, no word goes without another in its place: tentative words that are
 * taken back stand until as many have come. Pure: time is passed in.
 */
import type { LanguageCode } from '../../protocol/languages.ts';
import { columns, words } from './line-breaking.ts';

const MOST_DELAY_MS = 1_000;
/** 170 words a minute where words are written apart; 9 full-width characters a second. */
const WORD_MS = 60_000 / 170;
const COLUMN_MS = 1_000 / 18;
const written = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}]/u;

const readingMs = (word: string) => (written.test(word) ? columns(word.trimEnd()) * COLUMN_MS : WORD_MS);

export interface Said {
  language: LanguageCode;
  stable: string;
  tentative: string;
  final: boolean;
}

export interface Revealed {
  text: string;
  /** How much of it will not change any more. */
  stable: number;
  /** When the last word has come, after which nothing will; undefined: more may. */
  wholeMs: number | undefined;
  /** When the next word comes; undefined: none waits. */
  nextMs: number | undefined;
}

export class Reveal {
  #words: string[] = [];
  /** When each word comes; never falls. */
  #dues: number[] = [];
  #stable = 0;
  /** When the final came. */
  #finalMs: number | undefined;

  /** `paced: false`: it was said long ago. */
  update({ language, stable, tentative, final }: Said, nowMs: number, paced = true): void {
    const shown = this.#shown(nowMs);
    const next = words(stable + tentative, language);
    this.#words = final || next.length >= shown ? next : this.#kept(words(stable, language), shown);
    this.#stable = stable.length;
    if (final) this.#finalMs ??= nowMs;
    this.#schedule(nowMs, paced);
  }

  at(nowMs: number): Revealed {
    const shown = this.#shown(nowMs);
    const text = this.#words.slice(0, shown).join('');
    return {
      text,
      stable: Math.min(this.#stable, text.length),
      wholeMs: this.#finalMs === undefined ? undefined : Math.max(this.#finalMs, this.#dues.at(-1) ?? 0),
      nextMs: this.#dues[shown],
    };
  }

  /** What is certain, and after it the words that were shown there. */
  #kept(certain: readonly string[], shown: number): string[] {
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
    const next = this.#dues.findIndex((due) => due > nowMs);
    return next === -1 ? this.#dues.length : next;
  }

  /** New words follow each other at the pace of reading, or faster where the last would come too late. */
  #schedule(nowMs: number, paced: boolean): void {
    this.#dues.length = Math.min(this.#dues.length, this.#words.length);
    const durations = this.#words.slice(this.#dues.length).map(readingMs);
    const [first = 0] = durations;
    const from = Math.max(this.#dues.at(-1) ?? Number.NEGATIVE_INFINITY, nowMs - first);
    const all = durations.reduce((sum, ms) => sum + ms, 0);
    const haste = Math.min(1, (nowMs + MOST_DELAY_MS - from) / all);
    let due = from;
    for (const ms of durations) {
      due += ms * haste;
      this.#dues.push(paced ? due : nowMs);
    }
  }
}
