/**
 * Where captions break: between words (of scripts written without spaces too), never before closing nor after opening
 * punctuation. Text that grows at its end never breaks anew: what stands on a line stays there. Pure.
 */
import type { LanguageCode } from '../../protocol/languages.ts';

/** In half-width columns: 42 letters, 16 full-width characters of Chinese and Korean, 13 of Japanese. */
const COLUMNS = 42;
const columnsByLanguage: Record<string, number> = { zh: 32, yue: 32, ko: 32, ja: 26 };
const primary = (language: LanguageCode) => language.split('-')[0] ?? language;

export const columnsOf = (language: LanguageCode): number => columnsByLanguage[primary(language)] ?? COLUMNS;

const fullWidth =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/gu;
const noWidth = /[\p{M}\p{Cf}]/gu;

/** How much room a text takes, in half-width columns. */
export function columns(text: string): number {
  const visible = text.replace(noWidth, '');
  return [...visible].length + (visible.match(fullWidth)?.length ?? 0);
}

const unspaced =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const endsUnspaced = new RegExp(`[${unspaced}\\u3000-\\u303f\\uff00-\\uff60]$`, 'u');
const startsUnspaced = new RegExp(`^[${unspaced}\\u3000-\\u303f\\uff00-\\uff60]`, 'u');
const space = '[^\\S\\u00a0\\u202f]';
const endsInSpace = new RegExp(`${space}$`);
const isSpace = new RegExp(`^${space}`);
const opens = /[\p{Ps}\p{Pi}]$/u;
/** Punctuation that closes, and the small kana and marks that no Japanese line begins with. */
const clings = /^[\p{Pe}\p{Pf}\p{Po}ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々]/u;

function mayBreak(before: string, after: string): boolean {
  if (isSpace.test(after)) return false;
  if (endsInSpace.test(before)) return true;
  if (clings.test(after) || opens.test(before)) return false;
  return endsUnspaced.test(before) || startsUnspaced.test(after);
}

const segmenters = new Map<string, Intl.Segmenter>();

/** One for each language that was ever shown: as many as a room has. */
function segmenterOf(language: LanguageCode, granularity: 'word' | 'grapheme'): Intl.Segmenter {
  const key = `${granularity} ${language}`;
  const known = segmenters.get(key);
  if (known) return known;
  const made = new Intl.Segmenter(language, { granularity });
  segmenters.set(key, made);
  return made;
}

/** The words of a text, each with the punctuation and the space that belong to it; together they are the text. */
export function words(text: string, language: LanguageCode): string[] {
  const result: string[] = [];
  for (const { segment } of segmenterOf(language, 'word').segment(text)) {
    const before = result.at(-1);
    if (before === undefined || mayBreak(before, segment)) result.push(segment);
    else result[result.length - 1] = before + segment;
  }
  return result;
}

/**
 * The lines of a text, which together are the text: each as full as `fits` allows. What is too long for any line (an
 * address) is broken between characters.
 */
export function broken(text: string, language: LanguageCode, fits: (line: string) => boolean): string[] {
  const lines: string[] = [];
  let line = '';
  const add = (part: string) => {
    if (line !== '' && !fits((line + part).trimEnd())) {
      lines.push(line);
      line = '';
    }
    line += part;
  };
  for (const word of words(text, language)) {
    if (fits(word.trimEnd())) add(word);
    else for (const { segment } of segmenterOf(language, 'grapheme').segment(word)) add(segment);
  }
  if (line !== '') lines.push(line);
  return lines;
}
