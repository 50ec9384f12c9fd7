/** What the page says, in its language. */
import { type Locale, locale } from './locale.ts';
import { ar } from './words/ar.ts';
import { en, type Words } from './words/en.ts';
import { es } from './words/es.ts';

const all: Record<Locale, Words> = { en, es, ar };

/** Asked at every rendering, for the language may change. */
export const words = (): Words => all[locale.value];
