/** What there is to read on a server; nothing where it does not answer. */
import type { LanguageCode } from '../../protocol/languages.ts';
import type { LanguagesResponse } from '../../protocol/rest.ts';

export async function readable(server: string): Promise<readonly LanguageCode[]> {
  try {
    const response = await fetch(`${server}/v1/languages`);
    const { targets } = (await response.json()) as LanguagesResponse;
    return targets.map(({ code }) => code);
  } catch {
    return [];
  }
}
