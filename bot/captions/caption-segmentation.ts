/**
 * Where a long caption may be split for its readers: after a sentence, else after a clause, else between two words. For any script. Pure.
 */

/** The end of a sentence, with closing quotation marks; not a full stop within a number or an abbreviation. */
const SENTENCE = /[.!?…]["'”’»)\]]*(?=\s)|[。！？｡][」』”）]*|[؟۔।](?=\s|$)/gu;
const CLAUSE = /[,;:–—]["'”’»)\]]*(?=\s)|[、，；：]|[،؛](?=\s|$)/gu;
const words = new Intl.Segmenter(undefined, { granularity: 'word' });

export interface SegmentationOptions {
  /** The part before the split has at least this many characters. */
  minCharacters: number;
  /** A text of at least this many characters is split between two words where it has no better place. */
  maxCharacters: number;
}

/**
 * How many characters come before the split, without the space at it; undefined: the text is not split yet.
 * @example
 * segmentEnd('Good morning. We begin', { minCharacters: 5, maxCharacters: 100 }); // 13
 */
export function segmentEnd(text: string, { minCharacters, maxCharacters }: SegmentationOptions): number | undefined {
  return (
    lastEnd(SENTENCE, text, minCharacters) ??
    lastEnd(CLAUSE, text, minCharacters) ??
    (text.length >= maxCharacters ? wordEnd(text, maxCharacters) : undefined)
  );
}

function lastEnd(mark: RegExp, text: string, minCharacters: number): number | undefined {
  const ends = [...text.matchAll(mark)].map((match) => match.index + match[0].length);
  return ends.findLast((end) => end >= minCharacters && end < text.length);
}

function wordEnd(text: string, maxCharacters: number): number | undefined {
  let end: number | undefined;
  for (const { segment, index, isWordLike } of words.segment(text.slice(0, maxCharacters + 1))) {
    if (isWordLike && index + segment.length <= maxCharacters) end = index + segment.length;
  }
  return end;
}
