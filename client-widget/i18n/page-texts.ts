/**
 * The texts of the meeting page, in the language of `locale`. English is always there; another language is loaded before the page
 * switches to it.
 */
import { en, type PageTexts } from './en.ts';
import { type Locale, locale } from './locale.ts';

export type { PageTexts };

type Translated = Exclude<Locale, 'en'>;

const loaders: Record<Translated, () => Promise<PageTexts>> = {
  ar: async () => {
    const { pageTable } = await import('./ar.ts');
    return pageTable;
  },
  es: async () => {
    const { pageTable } = await import('./es.ts');
    return pageTable;
  },
};

const loaded = new Map<Locale, PageTexts>([['en', en]]);

/** Loads the texts of a language, for `setPageLocale`; rejects where the server cannot be reached. */
export async function loadPageTexts(code: Locale): Promise<void> {
  if (code !== 'en' && !loaded.has(code)) loaded.set(code, await loaders[code]());
}

/** The texts in the page's language. Call it at every rendering, because the language may change. */
export const pageTexts = (): PageTexts => loaded.get(locale.value) ?? en;
