/**
 * What a person can choose from, derived from `GET /v1/languages`: only what the engine offers can be heard or read. Any language can be
 * spoken; the page warns about one that the engine does not understand. No timers, no sockets.
 */
import type { HeardLanguage, LanguageCode, LanguagesResponse, ReadLanguages } from '@mediasoup-booth/protocol';

export type ReadMode = 'off' | 'original' | 'translation' | 'both';

/** The languages that one person speaks, hears and reads. */
export interface LanguageChoice {
  speaks: LanguageCode | null;
  hears: HeardLanguage;
  mode: ReadMode;
  /** The language to read where `mode` is `translation` or `both`. */
  language: LanguageCode | null;
}

export interface LanguageOffers {
  /** Languages that the engine understands. */
  speaks: LanguageCode[];
  /** Languages that can be spoken but are not interpreted. */
  speaksOnly: LanguageCode[];
  hears: LanguageCode[];
  reads: { code: LanguageCode; voice: boolean }[];
}

/** The most widely spoken first languages, which the list of spoken languages always has. */
const common =
  'ar bn ca cs da de el en es fa fi fr gl he hi hu id it ja ko ms nl no pl pt ro ru sv sw ta te th tr uk ur vi yue zh';

export function languageOffers(languages: LanguagesResponse, browser: readonly string[]): LanguageOffers {
  const isUnderstood = new Set(languages.sources);
  const others = new Set([...browser.map(primary).filter(exists), ...common.split(' ')]);
  return {
    speaks: [...languages.sources],
    speaksOnly: [...others].filter((code) => !isUnderstood.has(code)),
    hears: languages.targets.filter(({ audio }) => audio).map(({ code }) => code),
    reads: languages.targets.map(({ code, audio }) => ({ code, voice: audio })),
  };
}

const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

const exists = (code: LanguageCode): boolean => /^[a-z]{2,3}$/.test(code) && names.of(code) !== undefined;

/** `pt-BR` → `pt` */
export const primary = (tag: string): LanguageCode => tag.toLowerCase().split('-')[0] ?? tag;

/**
 * The choice before the person makes one: they speak the browser's language, hear the floor and read nothing. Only choosing a language
 * makes an interpreter work, which may cost money.
 */
export function defaultChoice({ reads }: LanguageOffers, browser: readonly string[]): LanguageChoice {
  const [speaks = null] = browser.map(primary).filter(exists);
  const language = reads.find(({ code }) => code === speaks) ?? reads[0];
  return { speaks, hears: 'original', mode: 'off', language: language?.code ?? null };
}

/** A stored or linked choice without what is no longer offered. */
export function offeredChoice(choice: LanguageChoice, offers: LanguageOffers): LanguageChoice {
  const speaks = [...offers.speaks, ...offers.speaksOnly].find((code) => code === choice.speaks) ?? null;
  const hears = offers.hears.find((code) => code === choice.hears) ?? 'original';
  const language = offers.reads.find(({ code }) => code === choice.language)?.code;
  if (language !== undefined) return { speaks, hears, mode: choice.mode, language };
  return { speaks, hears, mode: withoutTranslation[choice.mode], language: offers.reads[0]?.code ?? null };
}

const withoutTranslation: Record<ReadMode, ReadMode> = {
  off: 'off',
  original: 'original',
  translation: 'off',
  both: 'original',
};

export function readsOf({ mode, language }: Pick<LanguageChoice, 'mode' | 'language'>): ReadLanguages {
  const translation = language === null ? [] : [language];
  return { off: [], original: ['original'], translation, both: ['original', ...translation] }[mode] as ReadLanguages;
}

/** The language whose translation a person reads or hears; undefined: none. */
export function followedLanguage({
  mode,
  language,
  hears,
}: Pick<LanguageChoice, 'mode' | 'language' | 'hears'>): LanguageCode | undefined {
  if (mode === 'translation' || mode === 'both') return language ?? undefined;
  return hears === 'original' ? undefined : hears;
}

/** The captions that a person receives while the transcript is shown: with originals if they follow a translation. */
export function transcriptReads(choice: LanguageChoice): ReadLanguages {
  const language = followedLanguage(choice);
  return language === undefined ? readsOf(choice) : ['original', language];
}

/** Whether the engine understands a spoken language; `null`, for a person who does not speak, counts as understood. */
export function understood(speaks: LanguageCode | null, { sources }: Pick<LanguagesResponse, 'sources'>): boolean {
  return speaks === null || sources.some((source) => primary(source) === primary(speaks));
}
