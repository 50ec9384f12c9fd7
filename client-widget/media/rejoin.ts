/** What a lost connection means: whether to come back, and what to tell the person. Pure. */
import type { CloseCode } from '../../protocol/signalling.ts';

// By value and by type: importing the values themselves would bring all schemas into the page.
const REPLACED: (typeof CloseCode)['replaced'] = 4409;
const UNAUTHORIZED: (typeof CloseCode)['unauthorized'] = 4401;
const REMOVED: (typeof CloseCode)['removed'] = 4403;
const GOING_AWAY: (typeof CloseCode)['goingAway'] = 1001;

export type Verdict =
  | { do: 'stop'; why: 'replaced' | 'removed'; message: string }
  /** `entrance`: the token was refused, a new one is needed. */
  | { do: 'rejoin'; entrance: boolean; message: string };

export function verdict(code: number, reason: string): Verdict {
  if (code === REPLACED)
    return { do: 'stop', why: 'replaced', message: 'You joined from somewhere else, so this page has left the room.' };
  if (code === REMOVED) return { do: 'stop', why: 'removed', message: 'The host has removed you from this room.' };
  if (code === UNAUTHORIZED) return { do: 'rejoin', entrance: true, message: 'Your pass for this room has run out.' };
  if (code === GOING_AWAY) return { do: 'rejoin', entrance: false, message: 'The server is restarting.' };
  return { do: 'rejoin', entrance: false, message: reason || 'The connection to the room was lost.' };
}
