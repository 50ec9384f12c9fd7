/** What there is to read or to hear on a server; nothing where it does not answer. */
import type { HeardLanguage, LanguageCode } from '../../protocol/languages.ts';
import type { LanguagesResponse } from '../../protocol/rest.ts';

export const fetchReadableLanguages = async (server: string): Promise<readonly LanguageCode[]> =>
  (await targets(server)).map(({ code }) => code);

/** As long as a server has not said what there is, it may be there. */
export const mayBeOffered = (language: HeardLanguage, offered: readonly LanguageCode[]): boolean =>
  language === 'original' || offered.length === 0 || offered.includes(language);

export const fetchAudibleLanguages = async (server: string): Promise<readonly LanguageCode[]> =>
  (await targets(server)).filter(({ audio }) => audio).map(({ code }) => code);

async function targets(server: string): Promise<LanguagesResponse['targets']> {
  try {
    const response = await fetch(`${server}/v1/languages`);
    return ((await response.json()) as LanguagesResponse).targets;
  } catch {
    return [];
  }
}
