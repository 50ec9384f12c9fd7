/** The languages that a server offers to read or to hear; empty where it does not answer. */
import type { HeardLanguage, LanguageCode, LanguagesResponse } from '@mediasoup-booth/protocol';

export const fetchReadableLanguages = async (server: string): Promise<readonly LanguageCode[]> =>
  (await targets(server)).map(({ code }) => code);

/** Whether a language may be offered; true as long as the server has not answered. */
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
