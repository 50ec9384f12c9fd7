/** Which of the languages that people name an engine serves: codes and locales, in any case. Pure. */
import type { LanguageCode } from '@mediasoup-booth/protocol';
import type { Model } from '../../config/models.ts';

/** The languages that a room offers. */
export interface ServedLanguages {
  /** What can be spoken. */
  sources: readonly LanguageCode[];
  /** What can be heard, or read as a translation. */
  targets: readonly LanguageCode[];
}

/** @param languages into which the room is interpreted */
export const servedLanguages = (
  { sources, targets }: Pick<Model, 'sources' | 'targets'>,
  languages: 'auto' | readonly LanguageCode[],
): ServedLanguages => ({
  sources,
  targets: targets.map(({ code }) => code).filter((code) => languages === 'auto' || languages.includes(code)),
});

/**
 * The served language that a code or locale means: itself, or the language without its region; undefined: none.
 *
 * @example
 * matchLanguage('en-GB', ['en', 'es']); // 'en'
 */
export function matchLanguage(wanted: string, served: readonly LanguageCode[]): LanguageCode | undefined {
  const exact = wanted.trim().replaceAll('_', '-').toLowerCase();
  const find = (code: string) => served.find((one) => one.toLowerCase() === code);
  return find(exact) ?? find(exact.split('-', 1)[0] ?? '');
}
