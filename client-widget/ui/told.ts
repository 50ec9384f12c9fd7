/** Why something did not work, in the page's own language where it has words for it, else in the server's English. */
import { html, type TemplateResult } from 'lit';
import type { Reason } from '../media/reason.ts';
import { words } from './words.ts';

export function told({ code, message }: Reason): TemplateResult {
  const known: Readonly<Record<string, string>> = words().reasons;
  return Object.hasOwn(known, code) ? html`${known[code]}` : inEnglish(message);
}

/** What a server says, whose full stop stays at its end on pages that are written from the right. */
export const inEnglish = (message: string): TemplateResult => html`<bdi lang="en">${message}</bdi>`;
