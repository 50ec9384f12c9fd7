/** Why something did not work, in the page's own language where it has words for it, else in the server's English. */
import { html, type TemplateResult } from 'lit';
import { locale } from '../i18n/locale.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import type { Reason } from '../media/reason.ts';

export function localizedReason({ code, message }: Reason): TemplateResult {
  const known: Readonly<Record<string, string>> = pageTexts().reasons;
  return Object.hasOwn(known, code) ? html`${known[code]}` : inEnglish(message);
}

/** What a server says, whose full stop stays at its end on pages that are written from the right. */
const inEnglish = (message: string): TemplateResult => html`<bdi lang="en">${message}</bdi>`;

/** The same for who may not read English: before it stands, in the page's language, what it comes to. */
export const withMeaning = (meaning: string, message: string): TemplateResult =>
  locale.value === 'en' ? inEnglish(message) : html`${meaning} ${inEnglish(message)}`;
