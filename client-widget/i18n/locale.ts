/** The language of the page's own texts: the browser's where there are texts in it, unless the person chose another. */
import { Store } from '../state/store.ts';

/** To add a language: its name and direction here, its texts in a file beside this one; a text that is missing is a type error. */
export const locales = {
  en: { name: 'English', direction: 'ltr' },
  es: { name: 'Español', direction: 'ltr' },
  ar: { name: 'العربية', direction: 'rtl' },
} as const;
export type Locale = keyof typeof locales;

export const isLocale = (code: unknown): code is Locale => typeof code === 'string' && Object.hasOwn(locales, code);

/** The language that the page is shown in. Every component that watches anything watches this too. */
export const locale = new Store<Locale>('en');

/** @param browser the browser's languages as BCP 47 tags, in the order in which the person prefers them */
export function localeOf(chosen: unknown, browser: readonly string[]): Locale {
  const known = [chosen, ...browser.map((tag) => tag.toLowerCase().split('-')[0])].find(isLocale);
  return known ?? 'en';
}

/** Switches the page to a language and its direction; the texts have to be loaded before. */
export function setPageLocale(code: Locale, root: HTMLElement): void {
  root.lang = code;
  root.dir = locales[code].direction;
  locale.set(code);
}
