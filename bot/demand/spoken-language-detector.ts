/**
 * Detects the language that a speaker seems to speak, where it is not the one that they declared, from the recognized texts. No timers,
 * no sockets.
 *
 * Hard requirement: reports only clear evidence: at least two utterances in a row, of at least 20 letters, in one other language that the
 * model understands; each language once, until the speaker declares another.
 *
 * Evidence is either the language that the service names (a service that was told a language may just repeat it, which proves nothing),
 * or a script in which the declared language is not written and exactly one language of the model is.
 */
import type { LanguageCode } from '@mediasoup-booth/protocol';

/** The final text of an utterance, as a service recognized it. */
export interface RecognizedText {
  /** The language that the service was told is spoken. */
  declared: LanguageCode;
  /** The language that the service names; undefined: it names none. */
  language?: string | undefined;
  text: string;
}

const MIN_STREAK_UTTERANCES = 2;
const MIN_STREAK_LETTERS = 20;
/** A shorter text, such as "yes" or a name, is evidence neither for a language nor against it. */
const MIN_LETTERS = 6;
/** The share of letters in a language's script from which a text is in that language; the rest may be names. */
const MIN_SCRIPT_SHARE = 0.7;

interface Streak {
  language: LanguageCode;
  utterances: number;
  letters: number;
}

export class SpokenLanguageDetector {
  readonly #sources: readonly LanguageCode[];
  #declared: LanguageCode | undefined;
  /** Utterances in a row in one other language, by session: at most one streak for each session. */
  readonly #streaks = new Map<string, Streak>();
  readonly #suggested = new Set<LanguageCode>();

  /** @param sources the languages that the model understands */
  constructor(sources: readonly LanguageCode[]) {
    this.#sources = sources;
  }

  /**
   * @param session identifies the session that recognized the text: several recognize the same speech, and each is counted by itself
   * @returns the language that the speaker seems to speak, once the evidence is clear
   */
  push(session: string, recognized: RecognizedText): LanguageCode | undefined {
    const { declared, text } = recognized;
    if (declared !== this.#declared) this.#reset(declared);
    const letters = weightedLetterCount(text);
    if (letters < MIN_LETTERS) return undefined;
    const language = otherLanguage(recognized, this.#sources);
    const before = this.#streaks.get(session);
    this.#streaks.delete(session);
    if (language === undefined) return undefined;
    const streak = before?.language === language ? before : { language, utterances: 0, letters: 0 };
    streak.utterances++;
    streak.letters += letters;
    this.#streaks.set(session, streak);
    const isClear = streak.utterances >= MIN_STREAK_UTTERANCES && streak.letters >= MIN_STREAK_LETTERS;
    if (!isClear || this.#suggested.has(language)) return undefined;
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
  return letterShare(text, declared) > 1 - MIN_SCRIPT_SHARE ? undefined : writtenIn(text, sources);
}

/** The only one of the languages whose script a text is in; undefined: there are several, or none. */
function writtenIn(text: string, languages: readonly LanguageCode[]): LanguageCode | undefined {
  // Chinese characters with kana among them are Japanese, else Chinese; they may be Cantonese, but rarely are.
  const isJapanese = /[\p{Script=Hira}\p{Script=Kana}]/u.test(text);
  const possible = languages.filter(
    (code) => code !== 'yue' && (code === 'ja') === isJapanese && letterShare(text, code) >= MIN_SCRIPT_SHARE,
  );
  return possible.length === 1 ? possible[0] : undefined;
}

/** The share of a text's letters that belong to the script of a language, from 0 to 1. */
function letterShare(text: string, language: LanguageCode): number {
  const script = new Intl.Locale(language).maximize().script ?? 'Zyyy';
  return count(text, new RegExp(`[${scriptsOf[script] ?? `\\p{Script=${script}}`}]`, 'gu')) / count(text, /\p{L}/gu);
}

/** Scripts that are several of Unicode's scripts, or have another name there. */
const scriptsOf: Readonly<Record<string, string>> = {
  Jpan: '\\p{Script=Hira}\\p{Script=Kana}\\p{Script=Hani}',
  Hans: '\\p{Script=Hani}',
  Hant: '\\p{Script=Hani}',
  Kore: '\\p{Script=Hang}',
};

/** The number of letters; those that stand for syllables or words count twice. */
const weightedLetterCount = (text: string): number =>
  count(text, /\p{L}/gu) + count(text, /[\p{Script=Hani}\p{Script=Hira}\p{Script=Kana}\p{Script=Hang}]/gu);

const count = (text: string, letter: RegExp): number => text.match(letter)?.length ?? 0;

/** `pt-BR` → `pt` */
const primary = (code: string): string => code.split('-')[0]?.toLowerCase() ?? '';
