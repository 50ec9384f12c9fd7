/** The list in which the page's own language is chosen: each by its own name, for whoever cannot read the one it speaks now. */
import { html, type TemplateResult } from 'lit';
import { WishEvent } from '../media/action.ts';
import { isLocale, locale, locales } from './locale.ts';
import { select } from './select.ts';
import { words } from './words.ts';

export const pageLanguage = (from: EventTarget): TemplateResult => html`
  <div class="page-language">
    ${select({
      id: 'page-language',
      label: words().page.language,
      value: locale.value,
      options: Object.entries(locales).map(([value, { name }]) => ({ value, label: name })),
      chosen: (code) => {
        if (isLocale(code)) from.dispatchEvent(new WishEvent({ is: 'locale', code }));
      },
    })}
  </div>
`;
