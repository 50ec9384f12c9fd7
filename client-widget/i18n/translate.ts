/**
 * The texts of the widgets, in the language of the page that embeds them. English stands where it is shown and is the key of the other
 * languages, of which one is loaded when the page is in it; of English, what errors mean to people is loaded. A text that no language has
 * stays English.
 */
import type { AccessErrors } from './en.ts';
import type { WidgetText, WidgetTexts } from './es.ts';
import type { Locale } from './locale.ts';

export type { WidgetText };

type Table = (WidgetTexts | AccessErrors) & Readonly<Record<string, string>>;

// Destructured, so that the bundler leaves out the texts of the meeting page.
const loaders: Record<Locale, () => Promise<Table>> = {
  ar: () => import('./ar.ts').then(({ widgetTable }) => widgetTable),
  es: () => import('./es.ts').then(({ widgetTable }) => widgetTable),
  en: () => import('./en.ts').then(({ widgetTable }) => widgetTable),
};

const isKnown = (code: string): code is Locale => Object.hasOwn(loaders, code);

let loading: Promise<void> | undefined;
let table: Readonly<Record<string, string>> = {};
/** The language of the texts that are shown now, for the attribute `lang`. */
export let widgetTextLanguage = 'en';

/** The language of the page that embeds a widget, as `es-MX`; the browser's where the page names none. */
export const pageTag = (): string => document.documentElement.lang || navigator.language;

/** Resolves when the texts of the page's language are loaded; they stay English where there are none or loading fails. */
export function loadWidgetTexts(): Promise<void> {
  loading ??= load(pageTag().split('-')[0]);
  return loading;
}

async function load(tag = 'en'): Promise<void> {
  const code = isKnown(tag) ? tag : 'en';
  const loaded = await loaders[code]().catch(() => undefined);
  widgetTextLanguage = loaded ? code : 'en';
  table = loaded ?? {};
}

/** A text in the language that is loaded. */
export const t = (text: WidgetText): string => table[text] ?? text;

/** A reason by its code, else by its English message, else as it came, which may be the server's English. */
export const localized = ({ code, message }: { code: string; message: string }): string =>
  table[code] ?? table[message] ?? message;
