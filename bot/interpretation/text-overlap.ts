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

export interface TextOverlap {
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
export function removeOverlap(known: readonly string[], text: string): TextOverlap {
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

/** A place in the table: how many words differ up to there, from which of the known words on. */
interface Cell {
  edits: number;
  from: number;
}

interface Overlap {
  knownUsed: number;
  wordsUsed: number;
  distance: number;
}

/**
 * One of the two is used up; which end fits best is found along the edge of the table of edit distances. Of those that fit as
 * well, it is the one where both end (only the last words are others), else the one that shows most.
 */
function bestOverlap(known: readonly string[], words: readonly Word[]): Overlap {
  const none = { knownUsed: 0, wordsUsed: 0, distance: 1 };
  if (known.length === 0 || words.length === 0) return none;
  let best: Overlap = none;
  const consider = (knownUsed: number, wordsUsed: number, { edits, from }: Cell): void => {
    const distance = (edits + from * LATER_START) / Math.max(knownUsed - from, wordsUsed);
    const both = knownUsed === known.length && wordsUsed === words.length;
    const preferred = both || wordsUsed < best.wordsUsed;
    if (distance < best.distance || (distance === best.distance && preferred))
      best = { knownUsed, wordsUsed, distance };
  };
  let row: Cell[] = Array.from({ length: words.length + 1 }, (_, edits) => ({ edits, from: 0 }));
  for (const [i, word] of known.entries()) {
    row = nextRow(row, word, words, i);
    const last = row.at(-1);
    if (last && i < known.length - 1) consider(i + 1, words.length, last);
  }
  for (const [j, cell] of row.entries()) if (j > 0) consider(known.length, j, cell);
  return best.distance <= UNRELATED ? best : none;
}

function nextRow(above: readonly Cell[], word: string, words: readonly Word[], i: number): Cell[] {
  const row: Cell[] = [{ edits: 0, from: i + 1 }];
  for (const [j, { text }] of words.entries()) {
    row.push(
      cheapest([
        { cell: above[j], cost: text === word ? 0 : 1 },
        { cell: above[j + 1], cost: 1 },
        { cell: row[j], cost: 1 },
      ]),
    );
  }
  return row;
}

/** The first of those that cost the same. */
function cheapest(ways: readonly { cell: Cell | undefined; cost: number }[]): Cell {
  let best: Cell = { edits: Number.POSITIVE_INFINITY, from: 0 };
  const costOf = ({ edits, from }: Cell): number => edits + from * LATER_START;
  for (const { cell, cost } of ways) {
    const next = cell && { edits: cell.edits + cost, from: cell.from };
    if (next && costOf(next) < costOf(best)) best = next;
  }
  return best;
}
