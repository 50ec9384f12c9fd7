/**
 * What is said again in other words: how much of a text repeats what was shown before. Pure.
 *
 * A service that hears the same speech twice does not say it the same way twice. The known words are laid along the new ones so
 * that as few as possible differ, perhaps not from their beginning; where that is undecided, too much is shown rather than too
 * little.
 */
const MAX_WORDS = 400;
/** More than this share of words apart, one text has nothing to do with the other. */
const UNRELATED = 0.7;
/** What it costs, in words that differ, that the text begins a word further into what is known. */
const LATER_START = 0.05;

export interface Uncovered {
  /** What of the text is new. */
  rest: string;
  /** How many of the known words it repeats. */
  covered: number;
}

interface Word {
  text: string;
  at: number;
  /** Where it ends. */
  end: number;
}

/** What opens a sentence belongs to it. */
const OPENING = /[\p{Ps}\p{Pi}¿¡]*$/u;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** In any script; punctuation and case make no difference. */
export function wordsOf(text: string): string[] {
  return split(text)
    .slice(0, MAX_WORDS)
    .map((word) => word.text);
}

function split(text: string): Word[] {
  const words: Word[] = [];
  for (const { segment, index, isWordLike } of segmenter.segment(text)) {
    if (isWordLike) words.push({ text: segment.toLowerCase(), at: index, end: index + segment.length });
  }
  return words;
}

/** The part of `text` that `known` does not say. */
export function uncovered(known: readonly string[], text: string): Uncovered {
  const words = split(text);
  const { knownUsed, wordsUsed } = bestOverlap(known.slice(0, MAX_WORDS), words.slice(0, MAX_WORDS));
  return { rest: restAfter(wordsUsed, words, text), covered: knownUsed };
}

function restAfter(wordsUsed: number, words: readonly Word[], text: string): string {
  const last = words[wordsUsed - 1];
  const next = words[wordsUsed];
  if (!last) return text;
  if (!next) return '';
  const [opening = ''] = OPENING.exec(text.slice(last.end, next.at)) ?? [];
  return text.slice(next.at - opening.length);
}

/**
 * One of the two is used up; which end fits best is found along the edge of the table of edit distances. Of those that fit as
 * well, it is the one where both end (only the last words are others), else the one that shows most.
 */
function bestOverlap(known: readonly string[], words: readonly Word[]): { knownUsed: number; wordsUsed: number } {
  let best = { knownUsed: 0, wordsUsed: 0, distance: 1 };
  const consider = (knownUsed: number, wordsUsed: number, edits: number): void => {
    const distance = edits / wordsUsed;
    const both = knownUsed === known.length && wordsUsed === words.length;
    const preferred = both || wordsUsed < best.wordsUsed;
    if (distance < best.distance || (distance === best.distance && preferred))
      best = { knownUsed, wordsUsed, distance };
  };
  let row = words.map((_, j) => j + 1);
  row.unshift(0);
  known.forEach((word, i) => {
    const next = [(i + 1) * LATER_START];
    words.forEach(({ text }, j) => {
      const replaced = (row[j] ?? 0) + (text === word ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    });
    row = next;
    if (i < known.length - 1 && words.length > 0) consider(i + 1, words.length, row[words.length] ?? 0);
  });
  if (known.length === 0) return { knownUsed: 0, wordsUsed: 0 };
  for (const [j, edits] of row.entries()) if (j > 0) consider(known.length, j, edits);
  return best.distance <= UNRELATED ? best : { knownUsed: 0, wordsUsed: 0 };
}
