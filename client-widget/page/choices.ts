/** The lists for what a person speaks, hears and reads, the same in the lobby and in the meeting. */

import type { LanguageCode } from '@mediasoup-booth/protocol';
import type { TemplateResult } from 'lit';
import { fullName } from '../i18n/language-names.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import type { LanguageChoice, LanguageOffers, ReadMode } from '../meeting/language-offers.ts';
import { type Option, select } from './select.ts';

type Changed = (choice: Partial<LanguageChoice>) => void;

const named = (code: string): Option => ({ value: code, label: fullName(code) });

export const speakSelect = (offers: LanguageOffers, { speaks }: LanguageChoice, changed: Changed): TemplateResult =>
  select({
    id: 'speak',
    value: speaks ?? '',
    options: [...offers.speaks.map(named), { value: '', label: pageTexts().choice.listenOnly }],
    more: {
      heading: pageTexts().choice.notInterpreted,
      options: offers.speaksOnly.map(named).sort((a, b) => a.label.localeCompare(b.label)),
    },
    chosen: (value) => changed({ speaks: value || null }),
  });

export const hearSelect = (offers: LanguageOffers, { hears }: LanguageChoice, changed: Changed): TemplateResult =>
  select({
    id: 'hear',
    value: hears,
    options: [{ value: 'original', label: pageTexts().choice.original }, ...offers.hears.map(named)],
    chosen: (value) => changed({ hears: value }),
  });

/** The list for what is read; its values are `off`, `original`, `es` or `original es`. */
export function readSelect(
  offers: LanguageOffers,
  choice: LanguageChoice,
  changed: Changed,
  name: (code: LanguageCode) => string = fullName,
): TemplateResult {
  const captionsOnly = (voice: boolean) => (voice ? '' : ` · ${pageTexts().choice.captionsOnly}`);
  return select({
    id: 'read',
    value: readValue(choice),
    options: [
      { value: 'off', label: pageTexts().choice.off },
      { value: 'original', label: pageTexts().choice.original },
      ...offers.reads.map(({ code, voice }) => ({ value: code, label: name(code) + captionsOnly(voice) })),
    ],
    more: {
      heading: pageTexts().choice.bothHeading,
      options: offers.reads.map(({ code }) => ({
        value: `original ${code}`,
        label: pageTexts().choice.both(name(code)),
      })),
    },
    chosen: (value) => changed(readChoice(value)),
  });
}

function readValue({ mode, language }: LanguageChoice): string {
  const values: Record<ReadMode, string> = {
    off: 'off',
    original: 'original',
    translation: language ?? 'off',
    both: `original ${language}`,
  };
  return values[mode];
}

function readChoice(value: string): Partial<LanguageChoice> {
  if (value === 'off' || value === 'original') return { mode: value };
  const [first = '', second] = value.split(' ');
  return second ? { mode: 'both', language: second } : { mode: 'translation', language: first };
}
