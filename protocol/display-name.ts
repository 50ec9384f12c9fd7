/**
 * Names of people as others see them, without what cannot be seen.
 *
 * Hard requirement: two names that look alike because one of them holds something invisible become the same, and no name changes the
 * direction of the text around it. Cleaning twice gives what cleaning once gives. No timers, no DOM.
 */

const LONGEST_CLEANED = 64;

/** Scripts in which a joiner between two letters changes how they are written. */
const joining = '\\p{sc=Arab}\\p{sc=Syrc}\\p{sc=Mong}\\p{sc=Deva}\\p{sc=Beng}\\p{sc=Guru}\\p{sc=Gujr}\\p{sc=Orya}';
const conjunct = '\\p{sc=Taml}\\p{sc=Telu}\\p{sc=Knda}\\p{sc=Mlym}\\p{sc=Sinh}\\p{sc=Khmr}\\p{sc=Mymr}\\p{sc=Tibt}';
const joined = `[${joining}${conjunct}]`;
const emoji = '\\p{Extended_Pictographic}';

/** What nobody sees, except a joiner within a word or an emoji, and the sign that makes an emoji of a character. */
const unseen = new RegExp(
  [
    `(?<=${joined})[\\u200c\\u200d](?=${joined})`,
    `(?<=[${emoji}\\p{Emoji_Modifier}\\ufe0f])\\u200d(?=${emoji})`,
    `(?<=${emoji})\\ufe0f`,
    '(?<=[0-9#*])\\ufe0f(?=\\u20e3)',
    '([\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Cn}\\p{Default_Ignorable_Code_Point}\\u2800])',
  ].join('|'),
  'gu',
);

/** More marks on one letter than any script needs. */
const stacked = /(\p{M}{4})\p{M}+/gu;

/**
 * A name in Unicode's composed form (NFC), without control characters, invisible ones and overrides of direction, with single spaces
 * within, and with at most four marks on a letter. Empty where nothing is left.
 *
 * @example
 * cleanDisplayName(' Ann\u202e\u200b  Lee\n'); // 'Ann Lee'
 */
export function cleanDisplayName(name: string): string {
  const cleaned = name
    .normalize('NFC')
    .replace(/[^\S\ufeff]+/gu, ' ')
    .replace(unseen, (match, isUnseen?: string) => (isUnseen === undefined ? match : ''))
    .replace(stacked, '$1')
    .trim();
  return cleaned === name ? name : cleanDisplayName(cleaned);
}

/** Characters that look like a Latin letter: capitals too, where they look like another letter than in lower case. */
const lookalikes = new Map(
  Object.entries({
    a: 'аαᴀ',
    b: 'вβʙ',
    c: 'сϲᴄ',
    e: 'еεёєᴇ',
    h: 'нһհʜΗꓧᎻ',
    i: 'іιl1|ı!ɪ',
    k: 'кκ',
    m: 'м',
    n: 'ηпɴΝ',
    o: 'оο0օᴏ',
    p: 'рρᴘ',
    r: 'гᴦʀ',
    s: 'ѕ5$ꜱ',
    t: 'тτ7ᴛ',
    u: 'υ',
    x: 'хχ',
    y: 'у',
  }).flatMap(([letter, alike]) => [...alike].map((one): [string, string] => [one, letter])),
);

/** Capitals in filled circles (🅐) and squares (🅰), which Unicode maps to no letter. */
const enclosed = [0x1f150, 0x1f170].map((first) => ({ first, last: first + 25 }));

function plainLetter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const alphabet = enclosed.find(({ first, last }) => code >= first && code <= last);
  const letter = alphabet ? String.fromCharCode(0x61 + code - alphabet.first) : character;
  // A capital may look like another letter than its lower case: Η and η.
  return lookalikes.get(letter) ?? lookalikes.get(letter.toLowerCase()) ?? letter.toLowerCase();
}

/** What a reader takes a word for: without case, marks, width, and which alphabet a letter is from. */
const skeleton = (text: string): string =>
  Array.from(text.normalize('NFKD').replace(/\p{M}/gu, ''), plainLetter).join('');

/** The parts that one has in a meeting, of which only who has them may say so in a name. */
export const meetingParts = ['interpreter', 'host'] as const;
type Part = (typeof meetingParts)[number];

/** The words for those who have a part in a meeting, in the languages of the pages, and what is added to the name of who has not. */
const parts: readonly { part: Part; words: readonly string[]; mark: string }[] = [
  { part: 'interpreter', words: ['interpreter', 'booth'], mark: '(person)' },
  { part: 'interpreter', words: ['intérprete', 'intérpretes'], mark: '(persona)' },
  { part: 'interpreter', words: ['مترجم', 'المترجم', 'مترجمة', 'المترجمة'], mark: '(شخص)' },
  { part: 'host', words: ['host', 'cohost'], mark: '(guest)' },
  { part: 'host', words: ['anfitrión', 'anfitriona', 'organizador', 'organizadora'], mark: '(invitado)' },
  { part: 'host', words: ['مضيف', 'المضيف', 'مضيفة', 'المضيفة'], mark: '(ضيف)' },
];
const marks = new Map(
  parts.flatMap(({ part, words, mark }) => words.map((word) => [skeleton(word), { part, mark }] as const)),
);

/** The words of a name, and all of it as one, as they are read; each without a plural's s too. */
function wordsOf(name: string): string[] {
  const read = skeleton(name);
  const words = [...read.split(/[^\p{L}\p{N}]+/u), read.replace(/[^\p{L}\p{N}]/gu, '')];
  return words.flatMap((word) => [word, word.replace(/s$/, '')]);
}

/**
 * A clean name as others see it: with a mark where it says that its bearer is the interpreter or a host and they are not. At most 64
 * characters.
 *
 * @param has the parts that its bearer has in the meeting
 * @example
 * markedName('The Interpreter', new Set(['host'])); // 'The Interpreter (person)'
 */
export function markedName(name: string, has: ReadonlySet<Part>): string {
  // Digits at the end of a word are no letters: who is called Host1 poses as well.
  const words = [name, name.replace(/(?<=\p{L})\p{N}+(?!\p{L}|\p{N})/gu, '')].flatMap(wordsOf);
  const claims = words.flatMap((word) => marks.get(word) ?? []).find(({ part }) => !has.has(part));
  if (!claims || name.endsWith(claims.mark)) return name;
  return `${shortened(name, LONGEST_CLEANED - claims.mark.length - 1)} ${claims.mark}`;
}

/** The beginning of a text, whole characters alone. */
function shortened(text: string, most: number): string {
  let result = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (result.length + segment.length > most) break;
    result += segment;
  }
  return result.trimEnd();
}
