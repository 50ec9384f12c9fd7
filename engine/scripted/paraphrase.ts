/**
 * The same in other words, as a model says it that hears it again: a filler at its beginning, two neighbours changed about,
 * a word in another form, another end. No word of the vocabulary is lost, added or said twice.
 */
import type { Random } from './random.ts';

export interface Paraphrase {
  filler: boolean;
  /** This word and the next one change places. */
  swapAt: number;
  /** This word takes another form. */
  bendAt: number;
  /** After so many words the utterance is cut in two. */
  cutAfter: number;
}

export function paraphrase(random: Random): Paraphrase {
  const filler = random.chance(0.5);
  const swapAt = random.between(0, 3);
  return {
    filler,
    swapAt,
    bendAt: random.between(0, 4),
    cutAfter: random.chance(0.4) ? random.between(3, 6) : Number.POSITIVE_INFINITY,
  };
}

/** What has been said so far, rephrased; what is before its last two words stays when more words come. */
export function rephrased(words: readonly string[], filler: string, { swapAt, bendAt, ...how }: Paraphrase): string[] {
  const other = [...words];
  const [one, next] = [other[swapAt], other[swapAt + 1]];
  if (one !== undefined && next !== undefined) other.splice(swapAt, 2, next, one);
  const bent = other.map((word, i) => (i === bendAt ? `(${word})` : word));
  return how.filler && bent.length > 0 ? [filler, ...bent] : bent;
}
