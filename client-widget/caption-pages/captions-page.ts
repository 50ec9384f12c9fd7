/**
 * A page that shows only captions. Its address names the room (path), the attributes of `<booth-captions>` (query) and, in the fragment,
 * which no server sees, a token or an invite: `/overlay/demo?language=es&lines=3#eyJ…`, `/listen/demo?language=ar#invite=…`. The fragment
 * is removed from the address bar.
 */
import type { BoothCaptions } from '../captions/booth-captions.ts';
import { t } from '../i18n/translate.ts';
import { requestToken } from '../meeting/rest.ts';
import { roomNamePattern } from '../meeting/room-link.ts';

interface CaptionsPage {
  captions: BoothCaptions;
  /** The token or invite from the fragment, for a link that is passed on. */
  secret: { token?: string; invite?: string };
}

/** @param more attributes that the address cannot override */
export function captionsPage(more: Readonly<Record<string, string>>): CaptionsPage {
  const { room, token, invite, attributes } = parseCaptionsAddress(location.pathname, location.search, location.hash);
  const key = `booth.captions ${room}`;
  if (location.hash !== '') {
    sessionStorage.setItem(key, JSON.stringify({ token, invite }));
    // A token in the address bar ends up in screenshots and histories.
    history.replaceState(null, '', location.pathname + location.search);
  }
  const secret: { token?: string; invite?: string } = JSON.parse(sessionStorage.getItem(key) ?? '{}');
  const captions = document.createElement('booth-captions') as BoothCaptions;
  for (const [name, value] of [...attributes, ...Object.entries(more)]) captions.setAttribute(name, value);
  if (room !== undefined) {
    captions.room = room;
    if (secret.token) captions.token = secret.token;
    else captions.getToken = async () => (await requestToken({ room, invite: secret.invite, name: 'Reader' })).token;
    captions.addEventListener('state', () => {
      const { state } = captions;
      if (state.is !== 'ended') return;
      // A room with a waiting room is entered over WebRTC, where the server lets one wait.
      if (state.code === 'notAdmitted' && captions.via !== 'webrtc') captions.via = 'webrtc';
      // A refused token or invite would be refused after a reload as well.
      else sessionStorage.removeItem(key);
    });
    document.title = `${room} · Booth`;
  } else {
    const wrong = document.createElement('p');
    wrong.role = 'alert';
    wrong.textContent = t('This address is not that of a room.');
    document.body.append(wrong);
  }
  return { captions, secret };
}

interface CaptionsAddress {
  room: string | undefined;
  token: string | undefined;
  invite: string | undefined;
  /** Attributes for `<booth-captions>`. */
  attributes: ReadonlyMap<string, string>;
}

const allowed = ['language', 'both', 'via', 'lines', 'size', 'place', 'show-speaker', 'tentative'];

export function parseCaptionsAddress(path: string, query: string, fragment: string): CaptionsAddress {
  const room = /\/(?:overlay|listen)\/([^/]+)\/?$/.exec(path)?.[1];
  const attributes = [...new URLSearchParams(query)].filter(([name]) => allowed.includes(name));
  const secret = fragment.replace(/^#/, '');
  return {
    room: room !== undefined && roomNamePattern.test(room) ? room : undefined,
    token: secret && !secret.includes('=') ? secret : undefined,
    invite: new URLSearchParams(secret).get('invite') || undefined,
    attributes: new Map([['language', 'original'], ...attributes]),
  };
}
