/** What there is to hear, to choose from. */
import { html } from 'lit';
import type { HeardLanguage, LanguageCode } from '../../protocol/languages.ts';
import { fullName } from '../i18n/language-names.ts';
import { t } from '../i18n/translate.ts';

export function languageList(
  voices: readonly LanguageCode[],
  heard: HeardLanguage,
  choose: (language: HeardLanguage) => void,
) {
  // What is heard may be what no engine offers any more.
  const codes = new Set([...voices, ...(heard === 'original' ? [] : [heard])]);
  const option = (value: string, label: string) =>
    html`<option value=${value} ?selected=${value === heard}>${label}</option>`;
  return html`
    <select
      part="language"
      @change=${({ target }: Event) => target instanceof HTMLSelectElement && choose(target.value)}
    >
      ${option('original', t('Original'))} ${[...codes].map((code) => option(code, fullName(code)))}
    </select>
  `;
}
