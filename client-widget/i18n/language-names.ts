/** Names of languages: in the language of the page, and in the language itself. */
import type { LanguageCode } from '@mediasoup-booth/protocol';
import { pageTag } from './translate.ts';

const own = new Map<LanguageCode, string>();

function named(code: LanguageCode, locale: string): string {
  try {
    return new Intl.DisplayNames([locale], { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** @param page BCP 47 tag of the language to name it in; default: the page's, else the browser's */
export const languageName = (code: LanguageCode, page = pageTag()): string => named(code, page);

/** `es` → `Español` */
export function ownName(code: LanguageCode): string {
  const known = own.get(code);
  if (known) return known;
  const name = named(code, code);
  const capital = name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
  own.set(code, capital);
  return capital;
}

/** `es` → `Español (Spanish)`, on a page in Spanish `Español` */
export function fullName(code: LanguageCode, page?: string): string {
  const name = languageName(code, page);
  const capital = ownName(code);
  return name.toLowerCase() === capital.toLowerCase() ? capital : `${capital} (${name})`;
}
