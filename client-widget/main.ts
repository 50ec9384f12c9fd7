/** Starts the page: reads the address, takes the invite out of sight, and shows what the address asks for. */
import { linkOf } from './media/link.ts';
import { BoothPage } from './ui/page.ts';

const link = linkOf(location.pathname, location.hash);
const inviteKey = `booth.invite ${link.room}`;
if (link.invite !== undefined) sessionStorage.setItem(inviteKey, link.invite);
// An invite in the address bar ends up in screenshots and histories.
if (location.hash !== '') history.replaceState(null, '', location.pathname);

const page = new BoothPage();
page.link = { ...link, invite: link.invite ?? sessionStorage.getItem(inviteKey) ?? undefined };
if (link.room !== undefined) document.title = `${link.room} · Booth`;
document.body.append(page);
