/** Joins words to a text in a language, complete or with a part that may still change. Pure apart from the random numbers passed in. */
import type { Random } from './random.ts';
import { vocabulary } from './tone-words.ts';

const unspaced = new Set(['zh', 'ja', 'yue', 'th']);
const fullStops: Readonly<Record<string, string>> = { zh: '。', ja: '。', yue: '。', hi: '।', ur: '۔', th: '' };
const fillers: Readonly<Record<string, string>> = {
  en: 'well',
  es: 'bueno',
  fr: 'alors',
  de: 'also',
  it: 'allora',
  pt: 'bem',
  zh: '嗯',
  yue: '嗯',
  ja: 'ええと',
  ar: 'حسنًا',
};
/** How many words at the end of a text may still change. */
export const UNSURE_WORDS = 2;

export const joinerOf = (language: string): string => (unspaced.has(primary(language)) ? '' : ' ');
export const fillerOf = (language: string): string => fillers[primary(language)] ?? `${language}:well`;

export const sentenceOf = (words: readonly string[], language: string): string =>
  words.length === 0 ? '' : words.join(joinerOf(language)) + (fullStops[primary(language)] ?? '.');

/** `stable` has the first words, `tentative` the others, with the blank between them. */
export function partialText(
  words: readonly string[],
  stableWords: number,
  language: string,
): { stable: string; tentative: string } {
  const joiner = joinerOf(language);
  const stable = words.slice(0, stableWords).join(joiner);
  const tail = words.slice(stableWords).join(joiner);
  return { stable, tentative: stable && tail ? joiner + tail : tail };
}

/** The words with the last one misrecognised, as happens before the next word is known. */
export function misheard(words: readonly string[], random: Random): string[] {
  const last = words.at(-1) ?? '';
  const word = /k[0-5]\d/.exec(last)?.[0];
  const other = word ? last.replace(word, vocabulary[random.between(0, vocabulary.length - 1)] ?? word) : `${last}…`;
  return [...words.slice(0, -1), other];
}

const primary = (language: string): string => language.split('-')[0] ?? language;
