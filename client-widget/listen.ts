/**
 * `/listen/ROOM?language=ar#invite=…`: captions that fill the screen of a phone in the hall, and at a tap the voice. It asks for no
 * permission. Nobody is translated for by voice before the tap, which is also the gesture that lets the page sound.
 */

import './widget.ts';
import { captionsPage } from './caption-pages/captions-page.ts';
import { ListenBar } from './caption-pages/listen-bar.ts';
import { localeOf, setPageLocale } from './i18n/locale.ts';
import { loadWidgetTexts, t } from './i18n/translate.ts';
import { loadPreferences } from './meeting/stored-preferences.ts';

setPageLocale(localeOf(loadPreferences(localStorage).locale, navigator.languages), document.documentElement);
await loadWidgetTexts();

const { captions, secret } = captionsPage({ controls: 'open', history: '', 'show-speaker': '' });
const query = new URLSearchParams(location.search);
const bar = new ListenBar();
bar.captions = captions;
bar.balance = Number(query.get('balance') ?? Number.NaN);
bar.link = linkWith(captions.language ?? 'original');
captions.addEventListener('languagechange', () => {
  const language = captions.language ?? 'original';
  query.set('language', language);
  history.replaceState(null, '', `${location.pathname}?${query}`);
  bar.language = language;
  bar.link = linkWith(language);
});
bar.language = captions.language ?? 'original';
const heading = document.createElement('h1');
heading.textContent = captions.room ?? t('Captions');
const main = document.createElement('main');
main.append(heading, captions, bar);
if (captions.room !== undefined) document.body.append(main);

/** The link for other phones: the same page with its token or invite. */
function linkWith(language: string): string {
  const shared = new URLSearchParams(query);
  shared.set('language', language);
  const fragment = secret.token ?? (secret.invite === undefined ? '' : `invite=${secret.invite}`);
  return `${location.origin}${location.pathname}?${shared}${fragment && `#${fragment}`}`;
}
