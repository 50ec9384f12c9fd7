/**
 * What the address of a page of captions says: the room in its path, how it looks in its query, and in its fragment, which no server
 * sees, a token or an invite: `/overlay/demo?language=es&lines=3#eyJ…`, `/listen/demo?language=ar#invite=…`. Pure.
 */
import { roomNamePattern } from '../meeting/room-link.ts';

export interface CaptionsAddress {
  room: string | undefined;
  token: string | undefined;
  invite: string | undefined;
  /** Of `<booth-captions>`, as they are. */
  attributes: ReadonlyMap<string, string>;
}

const allowed = ['language', 'both', 'via', 'lines', 'size', 'place', 'show-speaker', 'tentative'];

export function parseCaptionsAddress(path: string, query: string, fragment: string): CaptionsAddress {
  const room = /^\/(?:overlay|listen)\/([^/]+)\/?$/.exec(path)?.[1];
  const attributes = [...new URLSearchParams(query)].filter(([name]) => allowed.includes(name));
  const secret = fragment.replace(/^#/, '');
  return {
    room: room !== undefined && roomNamePattern.test(room) ? room : undefined,
    token: secret && !secret.includes('=') ? secret : undefined,
    invite: new URLSearchParams(secret).get('invite') || undefined,
    attributes: new Map([['language', 'original'], ...attributes]),
  };
}
