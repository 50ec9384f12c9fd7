/**
 * Writes the recogniser's lower-case words as English text, with capitals and punctuation. A word's form depends only on the word and on
 * whether it is the first, so that a growing text never changes its beginning.
 */

/** The first words of a segment in progress. */
export const beginning = (words: readonly string[]): string => capitalized(words.map(written).join(' '));
/** Words after the first of a segment in progress. */
export const continued = (words: readonly string[]): string => words.map(written).join(' ');

/** The text of a complete segment. */
export function sentence(words: readonly string[]): string {
  if (words.length === 0) return '';
  return `${beginning(words)}${isQuestion(words.join(' ')) ? '?' : '.'}`;
}

const OPENING =
  /^(?:(?:hello|hi|hey|okay|ok|well|so|and|but|good (?:morning|afternoon|evening)|everyone|everybody|yes|no) )+/;
/** A verb before its subject, as in "are you ready". */
const INVERTED =
  /^(?:(?:can|could|does|did|is|are|was|were|will|would|shall|should|may|has|had) (?:i|you|he|she|it|we|they|there|this|that|these|those|the|your|my|our|any\w*)|(?:do|have) (?:i|you|we|they)) /;
/** A question word and soon a verb, without a subject between them, as in "what I mean is this". */
const ASKING =
  /^(?:who|whose|what|where|when|why|how|which)(?:'s|'re| (?!(?:i|you|he|she|it|we|they|the|an?|this|that|these|those|my|your|our) )(?:\w+ ){0,3}?(?:can|could|do|does|did|is|are|was|were|will|would|should|have|has)) /;

function isQuestion(text: string): boolean {
  const start = `${text} `.replace(OPENING, '');
  return INVERTED.test(start) || ASKING.test(start);
}

/** Removes the capital of the first word, unless it is a name. */
export const uncapitalized = (text: string): string => text.replace(/^\S+/, (word) => written(word.toLowerCase()));

function written(word: string): string {
  const [name = word, ending = ''] = word.split(/(?='s?$)/);
  return names.has(name) || /^i(?:'|$)/.test(word) ? capitalized(name) + ending : word;
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Names that are more often ordinary words. */
const WORDS = new Set(
  'may march oral center resolute phoenix polish jersey chad jordan guinea cocos ewe ido lao'.split(' '),
);

/** Words that English always writes with a capital: days, months, languages, countries, cities. */
const names = new Set(
  [...days(), ...months(), ...languages(), ...countries(), ...cities()]
    .map((name) => name.toLowerCase())
    .filter((name) => /^[a-z]{3,}$/.test(name) && !WORDS.has(name)),
);

function days(): string[] {
  const format = new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' });
  return Array.from({ length: 7 }, (_, i) => format.format(Date.UTC(2024, 0, 1 + i)));
}

function months(): string[] {
  const format = new Intl.DateTimeFormat('en', { month: 'long', timeZone: 'UTC' });
  return Array.from({ length: 12 }, (_, i) => format.format(Date.UTC(2024, i, 1)));
}

function languages(): string[] {
  const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
  return twoLetterCodes().flatMap((code) => names.of(code) ?? []);
}

function countries(): string[] {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  return twoLetterCodes().flatMap((code) => names.of(code.toUpperCase()) ?? []);
}

/** The cities that time zones are named after. */
function cities(): string[] {
  return Intl.supportedValuesOf('timeZone').flatMap(
    (zone) => /^(?:Africa|America|Asia|Australia|Europe)\/(\w+)$/.exec(zone)?.[1] ?? [],
  );
}

function twoLetterCodes(): string[] {
  const letters = [...'abcdefghijklmnopqrstuvwxyz'];
  return letters.flatMap((first) => letters.map((second) => first + second));
}
