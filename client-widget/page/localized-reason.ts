/** Renders why something failed, in the page's language where it has a text for the code, else the server's English. */
import { html, type TemplateResult } from 'lit';
import { locale } from '../i18n/locale.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import type { ErrorReason } from '../media/error-reason.ts';

export function localizedReason({ code, message }: ErrorReason): TemplateResult {
  const known: Readonly<Record<string, string>> = pageTexts().reasons;
  return Object.hasOwn(known, code) ? html`${known[code]}` : inEnglish(message);
}

/** The server's English, isolated so that its full stop stays at its end on right-to-left pages. */
const inEnglish = (message: string): TemplateResult => html`<bdi lang="en">${message}</bdi>`;

/** The server's English, preceded by its meaning in the page's language. */
export const withMeaning = (meaning: string, message: string): TemplateResult =>
  locale.value === 'en' ? inEnglish(message) : html`${meaning} ${inEnglish(message)}`;
