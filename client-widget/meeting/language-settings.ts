/**
 * The voice, audio and terms of each target language as a host edits them: the interpreter's current settings, overlaid by drafts that are
 * not applied yet. No timers, no sockets.
 */
import type { LanguageCode, LanguageSettings, LanguagesResponse } from '@mediasoup-booth/protocol';

/** The edited fields of one language; a missing field is as the interpreter has it. */
export interface SettingsDraft {
  /** The name of a voice; empty: the default voice. */
  voice?: string;
  audio?: boolean;
  /** One line per term: `term: translation`. */
  text?: string;
}
export type SettingsDrafts = Readonly<Record<LanguageCode, SettingsDraft>>;
type SettingsByLanguage = Readonly<Record<LanguageCode, LanguageSettings>>;
type Terms = Readonly<Record<string, string>>;

/** A mistake in the terms, by line; the first line is 1. */
export type TermFault =
  | { is: 'noTranslation' | 'tooLong' | 'twice'; line: number }
  | { is: 'tooMany'; terms: number; most: number };

export type TermBounds = NonNullable<LanguagesResponse['hotwords']>;

const textOf = (terms: Terms): string =>
  Object.entries(terms)
    .map(([term, translation]) => `${term}: ${translation}`)
    .join('\n');

/** Parses terms. The first colon of a line, ASCII or full-width, separates term and translation; empty lines are ignored. */
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

/** The values of a language's form fields. */
export function fieldsOf(
  { voice = '', audio = true, hotwords = {} }: LanguageSettings,
  draft: SettingsDraft,
): Required<SettingsDraft> {
  return { voice, audio, text: textOf(hotwords), ...draft };
}

/** The settings of a language to send, from its current settings and a valid draft. */
function settingsOf(current: LanguageSettings, draft: SettingsDraft, bounds: TermBounds): LanguageSettings {
  const { voice, audio } = fieldsOf(current, draft);
  // Terms that were not edited are kept even if the form could not express them.
  const hotwords = draft.text === undefined ? (current.hotwords ?? {}) : readTerms(draft.text, bounds).terms;
  return {
    ...(voice !== '' && { voice }),
    ...(Object.keys(hotwords).length > 0 && { hotwords }),
    ...(!audio && { audio }),
  };
}

/** The settings of those languages that differ from the defaults. */
export function changedSettings(
  codes: readonly LanguageCode[],
  current: SettingsByLanguage,
  drafts: SettingsDrafts,
  bounds: TermBounds,
): SettingsByLanguage {
  const all = codes.map((code) => [code, settingsOf(current[code] ?? {}, drafts[code] ?? {}, bounds)] as const);
  return Object.fromEntries(all.filter(([, settings]) => Object.keys(settings).length > 0));
}
