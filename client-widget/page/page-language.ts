/** The list that selects the page's language, and the switch itself. Each language is listed by its own name, for a person who cannot read the current one. */
import { html, type TemplateResult } from 'lit';
import { isLocale, type Locale, locale, locales, setPageLocale } from '../i18n/locale.ts';
import { loadPageTexts, pageTexts } from '../i18n/page-texts.ts';
import { ActionEvent } from '../meeting/action.ts';
import { savePreferences } from '../meeting/stored-preferences.ts';
import { select } from './select.ts';

export const pageLanguage = (from: EventTarget): TemplateResult => html`
  <div class="page-language">
    ${select({
      id: 'page-language',
      label: pageTexts().page.language,
      value: locale.value,
      options: Object.entries(locales).map(([value, { name }]) => ({ value, label: name })),
      chosen: (code) => {
        if (isLocale(code)) from.dispatchEvent(new ActionEvent({ is: 'locale', code }));
      },
    })}
  </div>
`;

/** Switches the page to a language; where its texts cannot be loaded, the page stays in the one it has. */
export async function switchLocale(code: Locale): Promise<void> {
  try {
    await loadPageTexts(code);
  } catch {
    return;
  }
  savePreferences(localStorage, { locale: code });
  setPageLocale(code, document.documentElement);
}
