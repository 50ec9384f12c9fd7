/**
 * Breaks captions into lines: between words, also in scripts written without spaces, never before closing nor after opening punctuation.
 * Appending text never moves an earlier break. No timers, no DOM.
 */
import type { LanguageCode } from '@mediasoup-booth/protocol';

/** Columns per line, in half-width columns: 42 letters, 16 full-width characters of Chinese and Korean, 13 of Japanese. */
const COLUMNS = 42;
const columnsByLanguage: Record<string, number> = { zh: 32, yue: 32, ko: 32, ja: 26 };
const primary = (language: LanguageCode) => language.split('-')[0] ?? language;

export const maxColumns = (language: LanguageCode): number => columnsByLanguage[primary(language)] ?? COLUMNS;

const fullWidth =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/gu;
const noWidth = /[\p{M}\p{Cf}]/gu;

/** The width of a text in half-width columns. */
export function columnWidth(text: string): number {
  const visible = text.replace(noWidth, '');
  return [...visible].length + (visible.match(fullWidth)?.length ?? 0);
}

/** Characters of scripts written without spaces, and their full-width punctuation. */
const unspaced =
  '[\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Thai}\\p{sc=Laoo}\\p{sc=Khmr}\\p{sc=Mymr}\\u3000-\\u303f\\uff00-\\uff60]';
const endsUnspaced = new RegExp(`${unspaced}$`, 'u');
const startsUnspaced = new RegExp(`^${unspaced}`, 'u');
/** Spaces that allow a break; no-break spaces, as in French `\u00a0?`, do not. */
const endsInSpace = /[^\S\u00a0\u202f]$/;
const isSpace = /^[^\S\u00a0\u202f]/;
const opens = /[\p{Ps}\p{Pi}]$/u;
/** Closing punctuation, and marks like 々 and ー. */
const clings = /^[\p{Pe}\p{Pf}\p{Po}\p{Lm}]/u;

function mayBreak(before: string, after: string): boolean {
  if (isSpace.test(after)) return false;
  if (endsInSpace.test(before)) return true;
  if (clings.test(after) || opens.test(before)) return false;
  return endsUnspaced.test(before) || startsUnspaced.test(after);
}

const segmenters = new Map<string, Intl.Segmenter>();

/** Segmenters by language and granularity: as many as a room has languages. */
function segmenterOf(language: LanguageCode, granularity: 'word' | 'grapheme'): Intl.Segmenter {
  const key = `${granularity} ${language}`;
  const known = segmenters.get(key);
  if (known) return known;
  const made = new Intl.Segmenter(language, { granularity });
  segmenters.set(key, made);
  return made;
}

/** Splits a text into words, each with its punctuation and trailing space; joined they are the text again. */
export function splitWords(text: string, language: LanguageCode): string[] {
  const result: string[] = [];
  for (const { segment } of segmenterOf(language, 'word').segment(text)) {
    const before = result.at(-1);
    if (before === undefined || mayBreak(before, segment)) result.push(segment);
    else result[result.length - 1] = before + segment;
  }
  return result;
}

/**
 * Breaks a text into lines, each as full as `fits` allows; joined they are the text again. A word that is too long for any line, as an
 * address, is broken between characters.
 */
export function breakLines(text: string, language: LanguageCode, fits: (line: string) => boolean): string[] {
  const lines: string[] = [];
  let line = '';
  const add = (part: string) => {
    if (line !== '' && !fits((line + part).trimEnd())) {
      lines.push(line);
      line = '';
    }
    line += part;
  };
  for (const word of splitWords(text, language)) {
    if (fits(word.trimEnd())) add(word);
    else for (const { segment } of segmenterOf(language, 'grapheme').segment(word)) add(segment);
  }
  if (line !== '') lines.push(line);
  return lines;
}
