/** Divides an English sentence without inner punctuation into clauses that a rule-based translator can translate. */
import { uncapitalized } from './english.ts';

export interface Clause {
  /** Capitals in names only, and a punctuation mark at its end. */
  english: string;
  /** The punctuation mark after the clause. */
  end: '.' | '?' | ',';
  /** Whether it is a polite request: "please". */
  please: boolean;
}

/** A greeting or interjection at the start of a sentence: it is a clause of its own. */
const OPENING =
  /^(?:(?:hello|hi|yes|okay|good (?:morning|afternoon|evening)|goodbye)(?: everyone| everybody)?|no(?= (?:i|you|he|she|it|we|they|this|that)\b)|i(?:'m| am) sorry(?! (?:for|about|to)\b)(?: but)?) (?=\w)/i;

/** The start of a clause that cannot stand alone: "to leave a message". */
const DEPENDENT = /^(?:to|at|when|if|for|after|before|while|as|in) /i;

export function clausesOf(sentence: string): Clause[] {
  const asks = sentence.endsWith('?');
  const text = uncapitalized(sentence.replace(/[.?!]+$/, '').trim());
  const opening = OPENING.exec(text)?.[0] ?? '';
  const parts = text.slice(opening.length).split(/ (?=please \w)/i);
  const clauses = parts.map((part, i) => {
    const last = i === parts.length - 1;
    return !last && DEPENDENT.test(part) ? { ...clause(part, false), end: ',' as const } : clause(part, asks && last);
  });
  return opening
    ? [{ english: `${opening.replace(/ but $/i, '').trim()},`, end: ',', please: false }, ...clauses]
    : clauses;
}

function clause(text: string, asks: boolean): Clause {
  const plain = text.replace(/^please (?=\w)|(?<=\w) please$/i, '');
  const please = plain !== text;
  // The translator does not recognise an imperative as a verb.
  if (please && isImperative(text)) return { english: reworded(`you can ${plain}`), end: '?', please };
  return { english: reworded(asks ? asStatement(plain) : plain), end: asks ? '?' : '.', please };
}

const isImperative = (text: string): boolean =>
  /^please (?!(?:do not|don't|let|can|could|would|will|i|you|he|she|it|we|they) )/i.test(text);

/** A question with the word order of a statement, which is also a question in Spanish. */
const asStatement = (question: string): string =>
  question
    .replace(/^do (i|you|we|they) /i, '$1 ')
    .replace(/^(does|did) (i|you|he|she|it|we|they) /i, '$2 $1 ')
    .replace(
      /^(can|could|is|are|was|were|will|would|shall|should|may|have|has|had) (i|you|he|she|it|we|they|there|this|that|these|those) /i,
      '$2 $1 ',
    )
    .replace(/\bany (?=\w)/i, '');

const TENS = 'twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety';
const UNITS = 'one|two|three|four|five|six|seven|eight|nine';

/** Words that, with an `s`, are nouns as often as verbs. */
const VERBS = 'call|change|cost|end|help|leave|look|run|start|stop|talk|walk|work';

/** Each comment shows what the translator makes of the original. */
const REWORDINGS: readonly [RegExp, string][] = [
  // "No.": núm.
  [/^no$/i, 'no,'],
  // "Let's begin": dejado inicio
  [/^let(?:'s| us) /i, 'we will '],
  // "I agree": acuerdo
  [/\bI agree\b/gi, 'I am in agreement'],
  [/\b(you|we|they) agree\b/gi, '$1 are in agreement'],
  // "You are right": eres derecho
  [/\b(I|you|we|they)(?:'re|'m| are| am) right$/gi, '$1 have reason'],
  // "It works": obra
  [
    /\b(it|this|that)((?: (?:does not|did not|will|would|can|could|cannot)| \w+n't)?) work(s|ed)?\b/gi,
    '$1$2 function$3',
  ],
  // "Is now being recorded": ahora está siendo grabó
  [
    /\b(am|is|are|was|were|be|been|has|have|had|will|\w+'(?:ve|re|m|s|ll)) (now|currently|already|successfully) (.+?)(?= (?:and|or|but|when|while|because|if) |$)/gi,
    '$1 $3 $2',
  ],
  // "My sister works here": mis obras de hermana aquí
  [new RegExp(`\\b((?:the|my|your|his|her|our|their|this|that) \\w+) (${VERBS})s\\b`, 'gi'), '$1 does $2'],
  // "A great idea": una idea suma
  [/\ba great\b/gi, 'an excellent'],
  [/\bgreat\b/gi, 'excellent'],
  // "One other participant": uno otro participante
  [/\bone (?:an)?other (?=\w)/gi, 'another '],
  // "Twenty one": veinte un
  [new RegExp(`\\b(${TENS}) (?=(?:${UNITS})\\b)`, 'gi'), '$1-'],
  // "Two hundred and fifty": doscientos y cincuenta
  [new RegExp(`\\b(hundred|thousand) and (?=(?:${TENS}|${UNITS}|ten|\\w+teen)\\b)`, 'gi'), '$1 '],
];

function reworded(english: string): string {
  const text = REWORDINGS.reduce((before, [pattern, replacement]) => before.replace(pattern, replacement), english);
  return text.endsWith(',') ? text : `${text}.`;
}
