/**
 * What the widgets say, in the language of the page that they are in. English stands where it is said, and is what the other languages
 * are looked up by; of those, one is loaded where the page is in it.
 */
import type { Locale } from '../ui/locale.ts';
import type { Text, Texts } from './es.ts';
import { pageTag } from './page-tag.ts';

export type { Text };

type Other = Exclude<Locale, 'en'>;
type Table = Readonly<Record<string, string>>;

/** What a language lacks is a type error; what is in none of them stays English. */
const others: Record<Other, () => Promise<{ texts: Texts; all: Table }>> = {
  ar: () => import('./ar.ts'),
  es: () => import('./es.ts'),
};

let loaded: Promise<void> | undefined;
let table: Table = {};
/** Of what is said now, for `lang`. */
export let textLanguage = 'en';

/** Settles when what is said is in the language that the page has by now, or stays in English where there are no texts in it. */
export function speakAsPage(): Promise<void> {
  loaded ??= speak(pageTag().split('-')[0] as Other);
  return loaded;
}

async function speak(code: Other): Promise<void> {
  const other = await others[code]?.().catch(() => undefined);
  textLanguage = other ? code : 'en';
  table = other?.all ?? {};
}

export const t = (text: Text): string => table[text] ?? text;

/** Why something is as it is: by its code, else as it came, which may be the server's English. */
export const told = ({ code, message }: { code: string; message: string }): string =>
  table[code] ?? table[message] ?? message;
