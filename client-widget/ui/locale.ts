/** The language of the page's own words: the browser's where there are words in it, unless the person chose another. */
import { Store } from '../media/store.ts';

/** Add a language here, its words in `words/` and the widgets' in `../texts/`: what is missing then is a type error. */
export const locales = {
  en: { name: 'English', direction: 'ltr' },
  es: { name: 'Español', direction: 'ltr' },
  ar: { name: 'العربية', direction: 'rtl' },
} as const;
export type Locale = keyof typeof locales;

export const isLocale = (code: unknown): code is Locale => typeof code === 'string' && Object.hasOwn(locales, code);

/** Every component that watches anything watches this too. */
export const locale = new Store<Locale>('en');

/** @param browser the languages that the person asks for, as `es-MX`, the first before the others */
export function localeOf(chosen: unknown, browser: readonly string[]): Locale {
  const known = [chosen, ...browser.map((tag) => tag.toLowerCase().split('-')[0])].find(isLocale);
  return known ?? 'en';
}

/** The whole page speaks it from now on, in its direction. */
export function speakLocale(code: Locale, root: HTMLElement): void {
  root.lang = code;
  root.dir = locales[code].direction;
  locale.set(code);
}
