/** The list that selects the page's language. Each language is listed by its own name, for a person who cannot read the current one. */
import { html, type TemplateResult } from 'lit';
import { isLocale, locale, locales } from '../i18n/locale.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { ActionEvent } from '../meeting/action.ts';
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
