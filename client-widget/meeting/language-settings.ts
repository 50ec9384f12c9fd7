/**
 * How languages are to be said and written, as a host writes it down: what the interpreter has been told, changed by what is
 * typed and not sent yet. Pure.
 */
import type { LanguageCode } from '../../protocol/languages.ts';
import type { LanguageSettings, LanguagesResponse } from '../../protocol/rest.ts';

/** What is typed of one language; absent: as the interpreter has it. */
export interface SettingsDraft {
  /** Empty: as usual. */
  voice?: string;
  audio?: boolean;
  /** A line for each term: `term: translation`. */
  text?: string;
}
export type SettingsDrafts = Readonly<Record<LanguageCode, SettingsDraft>>;
type SettingsByLanguage = Readonly<Record<LanguageCode, LanguageSettings>>;
type Terms = Readonly<Record<string, string>>;

/** Lines are counted from 1. */
export type TermFault =
  | { is: 'noTranslation' | 'tooLong' | 'twice'; line: number }
  | { is: 'tooMany'; terms: number; most: number };

export type TermBounds = NonNullable<LanguagesResponse['hotwords']>;

const textOf = (terms: Terms): string =>
  Object.entries(terms)
    .map(([term, translation]) => `${term}: ${translation}`)
    .join('\n');

/** The first colon of a line parts it, also the wide one of Chinese and Japanese; empty lines mean nothing. */
export function readTerms(
  text: string,
  { terms: most, characters }: TermBounds,
): { terms: Terms; faults: TermFault[] } {
  const faults: TermFault[] = [];
  const terms = new Map<string, string>();
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const [, term = '', translation = ''] = /^([^:：]*)[:：](.*)$/.exec(line.trim())?.map((part) => part.trim()) ?? [];
    const fault = faultOf(term, translation);
    if (fault) faults.push({ is: fault, line: i + 1 });
    else terms.set(term, translation);
  }
  if (terms.size > most) faults.push({ is: 'tooMany', terms: terms.size, most });
  return { terms: Object.fromEntries(terms), faults };

  function faultOf(term: string, translation: string) {
    if (term === '' || translation === '') return 'noTranslation';
    if (Math.max(term.length, translation.length) > characters) return 'tooLong';
    return terms.has(term) ? 'twice' : undefined;
  }
}

/** What stands in the fields of a language. */
export function fieldsOf(
  { voice = '', audio = true, hotwords = {} }: LanguageSettings,
  draft: SettingsDraft,
): Required<SettingsDraft> {
  return { voice, audio, text: textOf(hotwords), ...draft };
}

/** What is told to the interpreter of a language once what is typed is right. */
function settingsOf(told: LanguageSettings, draft: SettingsDraft, bounds: TermBounds): LanguageSettings {
  const { voice, audio } = fieldsOf(told, draft);
  // What was not touched stays as it is, though it could not be typed.
  const hotwords = draft.text === undefined ? (told.hotwords ?? {}) : readTerms(draft.text, bounds).terms;
  return {
    ...(voice !== '' && { voice }),
    ...(Object.keys(hotwords).length > 0 && { hotwords }),
    ...(!audio && { audio }),
  };
}

/** Of these languages, those of which there is a wish. */
export function changedSettings(
  codes: readonly LanguageCode[],
  told: SettingsByLanguage,
  drafts: SettingsDrafts,
  bounds: TermBounds,
): SettingsByLanguage {
  const all = codes.map((code) => [code, settingsOf(told[code] ?? {}, drafts[code] ?? {}, bounds)] as const);
  return Object.fromEntries(all.filter(([, wish]) => Object.keys(wish).length > 0));
}
