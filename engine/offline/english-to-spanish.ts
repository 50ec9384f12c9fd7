/**
 * Makes up for what the rules of a rule-based translator miss between English and Spanish: rewords the English in a way that they cover
 * (`clauses.ts`), and corrects what they regularly get wrong in the Spanish. It adds no content of its own.
 */
import { type Clause, clausesOf } from './clauses.ts';
import type { Translator } from './stages.ts';

export class EnglishToSpanish implements Translator {
  readonly #translator: Translator;

  constructor(translator: Translator) {
    this.#translator = translator;
  }

  async translate(sentence: string): Promise<string> {
    const clauses = clausesOf(sentence);
    const translations = await Promise.all(clauses.map(({ english }) => this.#translator.translate(english)));
    return joinClauses(clauses.map((clause, i) => ({ clause, spanish: translations[i] ?? '' })));
  }

  close(): void {
    this.#translator.close();
  }
}

/** Forms of `ser` and the forms of `estar` that replace them for places and temporary states. */
const ESTAR: Readonly<Record<string, string>> = {
  soy: 'estoy',
  eres: 'estás',
  es: 'está',
  somos: 'estamos',
  son: 'están',
  era: 'estaba',
  eras: 'estabas',
  éramos: 'estábamos',
  eran: 'estaban',
  ser: 'estar',
};
const SER = Object.keys(ESTAR).join('|');
const STATE = `(?:muy |actualmente |ahora |todavía )?(?:aquí|ahí|allí|en|de acuerdo|disponibles?|ocupad[oa]s?|feliz|felices|content[oa]s?)(?= |$)`;

const estar = (ser: string): string => ESTAR[ser] ?? ser;

/** Each comment shows the translator's output and the correction. */
const CORRECTIONS: readonly [RegExp, (...found: string[]) => string][] = [
  // losiento → lo siento
  [/\blosiento\b/g, () => 'lo siento'],
  // vuestra contraseña → tu contraseña, as the rest says tú
  [/\bvuestr[oa](s?)\b/g, (_, plural = '') => `tu${plural}`],
  // aquello → eso, aquella → esa, aquel → ese
  [/\baquel(?:l([oa]s?))?\b/g, (_, ending) => (ending === 'o' ? 'eso' : `es${ending ?? 'e'}`)],
  // cómo eres → cómo estás
  [new RegExp(`^cómo (${SER})\\b`), (_, ser = '') => `cómo ${estar(ser)}`],
  // soy aquí → estoy aquí
  [new RegExp(`(?<=^| )(${SER}) (?=${STATE})`, 'g'), (_, ser = '') => `${estar(ser)} `],
  // no obran → no trabajan, but not: las obras
  [
    /(?<!\b(?:las?|unas?|mis?|tus?|sus?|estas?|esas?|de|en) )\bobr(?=(?:o|as?|amos|an|ar|ando|ado|aba[ns]?|é|ó|aron)(?: |$))/g,
    () => 'trabaj',
  ],
  // he sido trabajando → he estado trabajando
  [
    /(?<=^| )(he|has|ha|hemos|han|hab[ií]a\w*) sido (?=\p{L}+(?:[ai]|y?e)ndo(?: |$))/gu,
    (_, haber = '') => `${haber} estado `,
  ],
  // en nueve en punto → a las nueve en punto
  [/\ben (?=(?:dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce)(?: en punto|$))/g, () => 'a las '],
  // que que → que
  [/(?<=^| )(\p{L}+) \1(?= |$)/gu, (_, word = '') => word],
  // i nació → nació
  [/(?<=^| )i (?=\p{L})/gu, () => ''],
];

/** Joins the translated clauses of one or more sentences. */
export function joinClauses(parts: readonly { clause: Clause; spanish: string }[]): string {
  let startsSentence = true;
  const written = parts.map(({ clause, spanish }) => {
    const text = finished(corrected(cased(spanish, clause.english)), clause);
    const piece = startsSentence ? text.replace(/\p{L}/u, (letter) => letter.toUpperCase()) : text;
    startsSentence = clause.end !== ',';
    return piece;
  });
  return written.join(' ');
}

/** Removes the capital of translations that have one in the translator's dictionary although they are not names. */
function cased(spanish: string, english: string): string {
  if (!/\b(?!I\b)[A-Z]/.test(english)) return spanish.toLowerCase();
  const startsWithName = /^(?!I\b)[A-Z]/.test(english);
  return startsWithName ? spanish : spanish.replace(/^\p{L}/u, (letter) => letter.toLowerCase());
}

const corrected = (spanish: string): string =>
  CORRECTIONS.reduce(
    (text, [pattern, correction]) => text.replace(pattern, correction),
    spanish.replace(/[.,?!¿¡]+$/, ''),
  );

function finished(spanish: string, { end, please }: Clause): string {
  const text = please ? `${spanish}, por favor` : spanish;
  return end === '?' ? `¿${text}?` : `${text}${end}`;
}
