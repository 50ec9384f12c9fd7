/**
 * Decides where a long caption is split for its readers: after a sentence, else after a clause, else between two words. For any script.
 * Pure.
 */

/** The end of a sentence, with closing quotation marks. A full stop within a number does not match; one after "Dr." and the like does. */
const SENTENCE = /[.!?…]["'”’»)\]]*(?=\s)|[。！？｡][」』”）]*|[؟۔।](?=\s|$)/gu;
/** The end of a clause, likewise. */
const CLAUSE = /[,;:–—]["'”’»)\]]*(?=\s)|[、，；：]|[،؛](?=\s|$)/gu;
const words = new Intl.Segmenter(undefined, { granularity: 'word' });

export interface SegmentationOptions {
  /** The part before the split has at least this many characters. */
  minCharacters: number;
  /** A text of at least this many characters that has no end of a sentence or clause is split between two words, before this offset. */
  forceSplitAt: number;
}

/**
 * Returns the offset of the split, before the space at it; undefined: the text is not split yet. The part before it can be longer than
 * `forceSplitAt`, where it ends with a sentence or a clause.
 * @example
 * findSplitOffset('Good morning. We begin', { minCharacters: 5, forceSplitAt: 100 }); // 13
 */
export function findSplitOffset(
  text: string,
  { minCharacters, forceSplitAt }: SegmentationOptions,
): number | undefined {
  return (
    lastMarkEnd(SENTENCE, text, minCharacters) ??
    lastMarkEnd(CLAUSE, text, minCharacters) ??
    (text.length >= forceSplitAt ? lastWordEnd(text, forceSplitAt) : undefined)
  );
}

function lastMarkEnd(mark: RegExp, text: string, minCharacters: number): number | undefined {
  const ends = [...text.matchAll(mark)].map((match) => match.index + match[0].length);
  return ends.findLast((end) => end >= minCharacters && end < text.length);
}

function lastWordEnd(text: string, forceSplitAt: number): number | undefined {
  let end: number | undefined;
  for (const { segment, index, isWordLike } of words.segment(text.slice(0, forceSplitAt + 1))) {
    if (isWordLike && index + segment.length <= forceSplitAt) end = index + segment.length;
  }
  return end;
}
