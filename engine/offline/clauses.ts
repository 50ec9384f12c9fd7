/** Cuts an English sentence, without punctuation inside, into pieces that a rule-based translator understands. */
import { uncapitalized } from './english.ts';

export interface Clause {
  /** With a capital in names alone, and with a mark at its end. */
  english: string;
  /** What stands after it. */
  end: '.' | '?' | ',';
  /** It was asked for politely. */
  please: boolean;
}

/** What people open a sentence with: it stands by itself, whatever follows. */
const OPENING =
  /^(?:(?:hello|hi|yes|okay|good (?:morning|afternoon|evening)|goodbye)(?: everyone| everybody)?|no(?= (?:i|you|he|she|it|we|they|this|that)\b)|i(?:'m| am) sorry(?! (?:for|about|to)\b)(?: but)?) (?=\w)/i;

/** What cannot stand alone: "to leave a message". */
const INTRODUCING = /^(?:to|at|when|if|for|after|before|while|as|in) /i;

export function clausesOf(sentence: string): Clause[] {
  const asks = sentence.endsWith('?');
  const text = uncapitalized(sentence.replace(/[.?!]+$/, '').trim());
  const opening = OPENING.exec(text)?.[0] ?? '';
  const parts = text.slice(opening.length).split(/ (?=please \w)/i);
  const clauses = parts.map((part, i) => {
    const last = i === parts.length - 1;
    return !last && INTRODUCING.test(part) ? { ...clause(part, false), end: ',' as const } : clause(part, asks && last);
  });
  return opening
    ? [{ english: `${opening.replace(/ but $/i, '').trim()},`, end: ',', please: false }, ...clauses]
    : clauses;
}

function clause(text: string, asks: boolean): Clause {
  const plain = text.replace(/^please (?=\w)|(?<=\w) please$/i, '');
  const please = plain !== text;
  // The translator takes an order for anything but a verb.
  if (please && isOrder(text)) return { english: simpler(`you can ${plain}`), end: '?', please };
  return { english: simpler(asks ? asStatement(plain) : plain), end: asks ? '?' : '.', please };
}

const isOrder = (text: string): boolean =>
  /^please (?!(?:do not|don't|let|can|could|would|will|i|you|he|she|it|we|they) )/i.test(text);

/** A question in the order of a statement, which in Spanish is a question all the same. */
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

/** With an `s`, they are nouns as often as verbs. */
const VERBS = 'call|change|cost|end|help|leave|look|run|start|stop|talk|walk|work';

/** Each with what became of it before. */
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

function simpler(english: string): string {
  const reworded = REWORDINGS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), english);
  return reworded.endsWith(',') ? reworded : `${reworded}.`;
}
