/**
 * Where a long text may be cut for its readers: after a sentence, else after a clause, else between two words. In any script.
 * Pure.
 */

/** Ends a sentence, with what closes a quotation after it; a full stop within a number or an abbreviation's letters does not. */
const SENTENCE = /[.!?…]["'”’»)\]]*(?=\s)|[。！？｡][」』”）]*|[؟۔।](?=\s|$)/gu;
const CLAUSE = /[,;:–—]["'”’»)\]]*(?=\s)|[、，；：]|[،؛](?=\s|$)/gu;
const words = new Intl.Segmenter(undefined, { granularity: 'word' });

export interface SegmentationOptions {
  /** In characters. */
  minCharacters: number;
  /** A text as long as this is cut between two words where it has no better place. */
  maxCharacters: number;
}

/** How many characters stand before the cut, the space at it not counted; undefined: it is not cut yet. */
export function segmentEnd(
  text: string,
  { minCharacters: atLeast, maxCharacters: atMost }: SegmentationOptions,
): number | undefined {
  return (
    lastEnd(SENTENCE, text, atLeast) ??
    lastEnd(CLAUSE, text, atLeast) ??
    (text.length >= atMost ? wordEnd(text, atMost) : undefined)
  );
}

function lastEnd(mark: RegExp, text: string, atLeast: number): number | undefined {
  const ends = [...text.matchAll(mark)].map((match) => match.index + match[0].length);
  return ends.findLast((end) => end >= atLeast && end < text.length);
}

function wordEnd(text: string, atMost: number): number | undefined {
  let end: number | undefined;
  for (const { segment, index, isWordLike } of words.segment(text.slice(0, atMost + 1))) {
    if (isWordLike && index + segment.length <= atMost) end = index + segment.length;
  }
  return end;
}
