/** `/admin#token=…`: how the server is doing, for whoever runs it. Takes the token out of sight before anything is shown. */

import { localeOf, setPageLocale } from './i18n/locale.ts';
import { loadPageTexts } from './i18n/page-texts.ts';
import { adminToken, OperatorOverview } from './meeting/operator-overview.ts';
import { loadPreferences } from './meeting/stored-preferences.ts';
import { BoothAdmin } from './page/admin.ts';

const token = adminToken(location.hash, sessionStorage);
// A token in the address bar ends up in screenshots and histories.
if (location.hash !== '') history.replaceState(null, '', location.pathname);
// A link that is opened in a tab which shows this page already changes the fragment alone, which loads nothing.
window.addEventListener('hashchange', () => location.reload());

const locale = localeOf(loadPreferences(localStorage).locale, navigator.languages);
// A page whose texts cannot be loaded is in English.
await loadPageTexts(locale).catch(() => undefined);
setPageLocale(locale, document.documentElement);

const operator = new OperatorOverview(token, sessionStorage);
const page = new BoothAdmin();
page.operator = operator;
document.addEventListener('visibilitychange', () => {
  if (document.hidden) operator.pause();
  else void operator.resume();
});
document.body.append(page);
await operator.resume();
