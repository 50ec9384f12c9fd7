/**
 * Rephrases an utterance as a model does when it receives the same speech again: a filler at the beginning, two neighbouring words
 * swapped, a word in another form, another end. No word of the vocabulary is lost, added or repeated.
 */
import type { Random } from './random.ts';

export interface Paraphrase {
  filler: boolean;
  /** The index of a word that is swapped with the next one. */
  swapAt: number;
  /** The index of a word that takes another form. */
  inflectAt: number;
  /** The number of words after which the utterance is cut in two. */
  cutAfter: number;
}

export function paraphrase(random: Random): Paraphrase {
  const filler = random.chance(0.5);
  const swapAt = random.between(0, 3);
  return {
    filler,
    swapAt,
    inflectAt: random.between(0, 4),
    cutAfter: random.chance(0.4) ? random.between(3, 6) : Number.POSITIVE_INFINITY,
  };
}

/** The words so far, rephrased. When more words follow, only the last two may change. */
export function rephrased(
  words: readonly string[],
  filler: string,
  { swapAt, inflectAt, ...how }: Paraphrase,
): string[] {
  const other = [...words];
  const [one, next] = [other[swapAt], other[swapAt + 1]];
  if (one !== undefined && next !== undefined) other.splice(swapAt, 2, next, one);
  const inflected = other.map((word, i) => (i === inflectAt ? `(${word})` : word));
  return how.filler && inflected.length > 0 ? [filler, ...inflected] : inflected;
}
