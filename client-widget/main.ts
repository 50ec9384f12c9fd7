/** Starts the page: reads the address, takes invite and sign-in code out of sight, and shows what the address asks for. */

import { localeOf, setPageLocale } from './i18n/locale.ts';
import { loadPageTexts } from './i18n/page-texts.ts';
import { AppState } from './meeting/app-state.ts';
import { parseRoomLink } from './meeting/room-link.ts';
import { loadPreferences } from './meeting/stored-preferences.ts';
import { BoothPage } from './page/page.ts';

const locale = localeOf(loadPreferences(localStorage).locale, navigator.languages);
// A page whose texts cannot be loaded is in English.
await loadPageTexts(locale).catch(() => undefined);
setPageLocale(locale, document.documentElement);

const link = parseRoomLink(location.pathname, location.hash);
const inviteKey = `booth.invite ${link.room}`;
if (link.invite !== undefined) sessionStorage.setItem(inviteKey, link.invite);
// Whoever opens a sign-in link comes in by that, and not by an invite that this tab has used before.
else if (link.code !== undefined) sessionStorage.removeItem(inviteKey);
// An invite or a code in the address bar ends up in screenshots and histories.
if (location.hash !== '') history.replaceState(null, '', location.pathname);
// A link that is opened in a tab which shows the room already changes the fragment alone, which loads nothing.
window.addEventListener('hashchange', () => location.reload());

const page = new BoothPage();
page.misnamed = link.misnamed;
if (link.room !== undefined) {
  const invite = link.invite ?? sessionStorage.getItem(inviteKey) ?? undefined;
  const app = new AppState(link.room, { ...link, invite });
  page.app = app;
  document.title = `${link.room} · Booth`;
  window.addEventListener('pagehide', () => app.close());
  // A page that the browser kept for its back button has left the room.
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload();
  });
  // Browsers measure and play nothing before a gesture.
  for (const gesture of ['pointerdown', 'keydown']) window.addEventListener(gesture, () => app.level.resume());
  void app.start();
}
document.body.append(page);
