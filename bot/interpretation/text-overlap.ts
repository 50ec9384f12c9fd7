/**
 * Determines how much of a text repeats what was shown before, perhaps in other words. Pure.
 *
 * A service that is sent the same speech twice does not word it the same way twice. The known words are aligned with the new ones
 * (least edit distance in words), not necessarily from the first known word on; where two alignments are equally good, the one
 * that shows more of the text wins.
 */
const MAX_WORDS = 400;
/** If more than this share of the words differ, the texts are unrelated. */
const MAX_DISTANCE = 0.7;
/** The cost, in differing words, of each known word that the alignment skips at the beginning. */
const SKIPPED_WORD_COST = 0.05;

export interface TextOverlap {
  /** The part of the text that is new. */
  rest: string;
  /** How many of the known words the text repeats. */
  matchedWordCount: number;
}

interface Word {
  text: string;
  /** The offset of its first character in the text. */
  start: number;
  /** The offset after its last character. */
  end: number;
}

/** Opening brackets and quotation marks belong to the word after them. */
const OPENING = /[\p{Ps}\p{Pi}¿¡]*$/u;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** The first 400 words of a text in any script, in lower case and without punctuation. */
export function wordsOf(text: string): string[] {
  return split(text)
    .slice(0, MAX_WORDS)
    .map((word) => word.text);
}

function split(text: string): Word[] {
  const words: Word[] = [];
  for (const { segment, index, isWordLike } of segmenter.segment(text)) {
    if (isWordLike) words.push({ text: segment.toLowerCase(), start: index, end: index + segment.length });
  }
  return words;
}

/**
 * Finds the beginning of `text` that repeats the known words.
 * @example
 * removeOverlap(['good', 'morning'], 'Good morning, everybody'); // { rest: 'everybody', matchedWordCount: 2 }
 */
export function removeOverlap(known: readonly string[], text: string): TextOverlap {
  const words = split(text);
  const { knownUsed, wordsUsed } = bestOverlap(known.slice(0, MAX_WORDS), words.slice(0, MAX_WORDS));
  return { rest: restAfter(wordsUsed, words, text), matchedWordCount: knownUsed };
}

function restAfter(wordsUsed: number, words: readonly Word[], text: string): string {
  const last = words[wordsUsed - 1];
  const next = words[wordsUsed];
  if (!last) return text;
  if (!next) return '';
  const [opening = ''] = OPENING.exec(text.slice(last.end, next.start)) ?? [];
  return text.slice(next.start - opening.length);
}

/** A cell of the table of edit distances: how many words differ up to there, and the known word at which the alignment begins. */
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
 * An alignment uses up the known words or the text; the best one is found along the edge of the table of edit distances. Of
 * alignments that are equally good, the one that uses up both wins (only the last words differ), else the one that shows most.
 */
function bestOverlap(known: readonly string[], words: readonly Word[]): Overlap {
  const none = { knownUsed: 0, wordsUsed: 0, distance: 1 };
  if (known.length === 0 || words.length === 0) return none;
  let best: Overlap = none;
  const consider = (knownUsed: number, wordsUsed: number, { edits, from }: Cell): void => {
    const distance = (edits + from * SKIPPED_WORD_COST) / Math.max(knownUsed - from, wordsUsed);
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
  return best.distance <= MAX_DISTANCE ? best : none;
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

/** The cheapest way to a cell; the first of those that cost the same. */
function cheapest(ways: readonly { cell: Cell | undefined; cost: number }[]): Cell {
  let best: Cell = { edits: Number.POSITIVE_INFINITY, from: 0 };
  const costOf = ({ edits, from }: Cell): number => edits + from * SKIPPED_WORD_COST;
  for (const { cell, cost } of ways) {
    const next = cell && { edits: cell.edits + cost, from: cell.from };
    if (next && costOf(next) < costOf(best)) best = next;
  }
  return best;
}
