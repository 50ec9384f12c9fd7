/**
 * What is understood of one speaker → the language that they seem to speak, where it is not the one that they declared. Pure.
 *
 * Hard requirement: only what is clear is said: two utterances in a row or more, and 20 letters, in one other language that the model
 * understands; once for each language, until the speaker declares another.
 *
 * Two things are evidence. A service names the language of what it heard: those that were told one may repeat what they were told,
 * which then says nothing. And a text may be in a script in which the declared language is not written, and of all that the model
 * understands only one is.
 */
import type { LanguageCode } from '../../protocol/languages.ts';

/** An utterance, as a service has understood it to its end. */
export interface RecognizedText {
  /** What the service was told that is spoken. */
  declared: LanguageCode;
  /** As the service names it; undefined: it does not tell. */
  language?: string | undefined;
  text: string;
}

const ENOUGH_UTTERANCES = 2;
const ENOUGH_LETTERS = 20;
/** A yes, a name: what is shorter speaks neither for a language nor against it. */
const FEWEST_LETTERS = 6;
/** The rest are names and numbers. */
const MOSTLY = 0.7;

interface Streak {
  language: LanguageCode;
  utterances: number;
  letters: number;
}

export class SpokenLanguageDetector {
  readonly #sources: readonly LanguageCode[];
  #declared: LanguageCode | undefined;
  /** At most one for each session, and one for each language of the model. */
  readonly #streaks = new Map<string, Streak>();
  readonly #suggested = new Set<LanguageCode>();

  /** @param sources what the model understands */
  constructor(sources: readonly LanguageCode[]) {
    this.#sources = sources;
  }

  /** @param session who understood it: several hear the same words, and each is counted for itself */
  push(session: string, understood: RecognizedText): LanguageCode | undefined {
    const { declared, text } = understood;
    if (declared !== this.#declared) this.#reset(declared);
    const letters = weightedLetterCount(text);
    if (letters < FEWEST_LETTERS) return undefined;
    const language = otherLanguage(understood, this.#sources);
    const before = this.#streaks.get(session);
    this.#streaks.delete(session);
    if (language === undefined) return undefined;
    const streak = before?.language === language ? before : { language, utterances: 0, letters: 0 };
    streak.utterances++;
    streak.letters += letters;
    this.#streaks.set(session, streak);
    const clear = streak.utterances >= ENOUGH_UTTERANCES && streak.letters >= ENOUGH_LETTERS;
    if (!clear || this.#suggested.has(language)) return undefined;
    this.#suggested.add(language);
    return language;
  }

  #reset(declared: LanguageCode): void {
    this.#declared = declared;
    this.#streaks.clear();
    this.#suggested.clear();
  }
}

function otherLanguage({ declared, language, text }: RecognizedText, sources: readonly LanguageCode[]) {
  const named = sources.find((code) => language && primary(code) === primary(language));
  if (named && primary(named) !== primary(declared)) return named;
  return letterShare(text, declared) > 1 - MOSTLY ? undefined : writtenIn(text, sources);
}

/** The one of the languages that a text can be in; undefined: it may be in several, or in none. */
function writtenIn(text: string, languages: readonly LanguageCode[]): LanguageCode | undefined {
  // Chinese characters with kana among them are Japanese, else Chinese: Cantonese is written so, too, but seldom.
  const isJapanese = /[\p{Script=Hira}\p{Script=Kana}]/u.test(text);
  const possible = languages.filter(
    (code) => code !== 'yue' && (code === 'ja') === isJapanese && letterShare(text, code) >= MOSTLY,
  );
  return possible.length === 1 ? possible[0] : undefined;
}

/** How many of a text's letters are those of a language, from 0 to 1. */
function letterShare(text: string, language: LanguageCode): number {
  const script = new Intl.Locale(language).maximize().script ?? 'Zyyy';
  return count(text, new RegExp(`[${scriptsOf[script] ?? `\\p{Script=${script}}`}]`, 'gu')) / count(text, /\p{L}/gu);
}

/** Where a language is written in more than one of Unicode's scripts, or in one of another name. */
const scriptsOf: Readonly<Record<string, string>> = {
  Jpan: '\\p{Script=Hira}\\p{Script=Kana}\\p{Script=Hani}',
  Hans: '\\p{Script=Hani}',
  Hant: '\\p{Script=Hani}',
  Kore: '\\p{Script=Hang}',
};

/** Letters, of which those that stand for syllables or words count twice. */
const weightedLetterCount = (text: string): number =>
  count(text, /\p{L}/gu) + count(text, /[\p{Script=Hani}\p{Script=Hira}\p{Script=Kana}\p{Script=Hang}]/gu);

const count = (text: string, letter: RegExp): number => text.match(letter)?.length ?? 0;

/** `pt-BR` → `pt` */
const primary = (code: string): string => code.split('-')[0]?.toLowerCase() ?? '';
