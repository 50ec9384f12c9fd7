/** The listener's controls: the language, the balance between translation and original, and the delay of the original. */

import type { HeardLanguage, LanguageCode } from '@mediasoup-booth/protocol';
import { html, nothing, type TemplateResult } from 'lit';
import { fullName } from '../i18n/language-names.ts';
import { t } from '../i18n/translate.ts';
import { FULL_BALANCE_DB } from '../media/balance.ts';
import { MAX_DELAY_MS } from '../media/frame-delay-buffer.ts';

const movedTo = ({ currentTarget }: Event): number => (currentTarget as HTMLInputElement).valueAsNumber;

export const balanceSlider = (balance: number, moved: (balance: number) => void): TemplateResult => html`
  <div class="wide balance" part="balance">
    <span aria-hidden="true">${t('Original')}</span>
    <input
      type="range"
      aria-label=${t('Balance from the original to its translation')}
      aria-valuetext=${t('translation % dB above the original').replace('%', `${balance}`)}
      min=${-FULL_BALANCE_DB}
      max=${FULL_BALANCE_DB}
      step="5"
      .value=${String(balance)}
      @input=${(event: Event) => moved(movedTo(event))}
    />
    <span aria-hidden="true">${t('Translation')}</span>
  </div>
`;

/** The slider of the delay; it applies on release, because each change makes the original pause or skip. */
export function delaySlider(delayMs: number, longestMs: number, moved: (ms: number) => void): TemplateResult {
  const seconds = Math.min(delayMs, longestMs) / 1000;
  return html`
    <label class="wide balance" part="delay">
      ${t('Original later by')}
      <input
        type="range"
        aria-valuetext=${t('% seconds').replace('%', `${seconds}`)}
        min="0"
        max=${longestMs / 1000}
        step="0.5"
        ?disabled=${longestMs === 0}
        .value=${String(seconds)}
        @change=${(event: Event) => moved(movedTo(event) * 1000)}
      />
      <bdi>${t('% s').replace('%', `${seconds}`)}</bdi>
    </label>
    ${longestMs < MAX_DELAY_MS ? html`<p class="wide quiet">${limited(longestMs)}</p>` : nothing}
  `;
}

const limited = (longestMs: number): string =>
  longestMs === 0
    ? t('This browser cannot delay it.')
    : t('At most % s here, and sound comes to it slowly.').replace('%', `${longestMs / 1000}`);

export function languageList(
  voices: readonly LanguageCode[],
  heard: HeardLanguage,
  choose: (language: HeardLanguage) => void,
) {
  // The current language stays in the list even if no engine offers it any more.
  const codes = new Set([...voices, ...(heard === 'original' ? [] : [heard])]);
  const option = (value: string, label: string) =>
    html`<option value=${value} .selected=${value === heard}>${label}</option>`;
  return html`
    <select
      part="language"
      @change=${({ target }: Event) => target instanceof HTMLSelectElement && choose(target.value)}
    >
      ${option('original', t('Original'))} ${[...codes].map((code) => option(code, fullName(code)))}
    </select>
  `;
}
