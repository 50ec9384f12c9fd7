/**
 * Parses a room link: the room in its path and, in its fragment, which no server sees, the invite or the code of a sign-in link, and the
 * proposed languages: `/room/demo#invite=…&hear=es&read=original,es`. No timers, no sockets.
 */
import type { LanguageChoice } from './language-offers.ts';

export interface RoomLink {
  room: string | undefined;
  /** The part of the path that should be a room's name and is not a valid one. */
  misnamed?: string;
  invite: string | undefined;
  /** Signs the browser in as the operator's. */
  code: string | undefined;
  choice: Partial<LanguageChoice>;
}

const code = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$/;
export const roomNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

function reading(text: string | null): Partial<LanguageChoice> {
  if (text === null) return {};
  const parts = text.split(',');
  const language = parts.find((part) => part !== 'original' && code.test(part));
  const original = parts.includes('original');
  if (language) return { mode: original ? 'both' : 'translation', language };
  return { mode: original ? 'original' : 'off' };
}

function room(named: string | undefined): Pick<RoomLink, 'room' | 'misnamed'> {
  if (named === undefined) return { room: undefined };
  return roomNamePattern.test(named) ? { room: named } : { room: undefined, misnamed: decoded(named) };
}

/** The text as it was typed, where it can be decoded. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function parseRoomLink(path: string, fragment: string): RoomLink {
  const named = /\/room\/([^/]+)\/?$/.exec(path)?.[1];
  const says = new URLSearchParams(fragment.replace(/^#/, ''));
  const hears = says.get('hear');
  const speaks = says.get('speak');
  return {
    ...room(named),
    invite: says.get('invite') || undefined,
    code: says.get('code') || undefined,
    choice: {
      ...(hears !== null && code.test(hears) && { hears }),
      ...(hears === 'original' && { hears }),
      ...(speaks !== null && code.test(speaks) && { speaks }),
      ...reading(says.get('read')),
    },
  };
}
