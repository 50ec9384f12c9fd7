/** English as people write it, from the recogniser's bare lower-case words. */

const QUESTION =
  /^(?:who|whose|what|where|when|why|how|which|can|could|do|does|did|is|are|was|were|will|would|shall|should|may|might|have|has) /;
/** A question word that begins no question: "what i mean is", "when the leader arrives", "is that …" is one. */
const PRONOUN = /^(?:who|whose|what|where|when|why|how|which) (?:i|you|he|she|it|we|they|the|a|an|this|that|my|your) /;

/** Words as they stand in the middle of a text: only what is always a capital is one. */
const written = (word: string): string => (/^i(?:'|$)/.test(word) ? `I${word.slice(1)}` : word);

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The beginning of a sentence that is still being said, and words that follow it. */
export const beginning = (words: readonly string[]): string => capitalized(words.map(written).join(' '));
export const continued = (words: readonly string[]): string => words.map(written).join(' ');

export function sentence(words: readonly string[]): string {
  const text = words.join(' ');
  if (text === '') return '';
  const asks = QUESTION.test(`${text} `) && !PRONOUN.test(`${text} `);
  return `${beginning(words)}${asks ? '?' : '.'}`;
}
