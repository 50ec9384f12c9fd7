/** What a lost connection, or a refused one, means: whether to come back, and what to tell the person. Pure. */
import { closeCodeName } from '../../protocol/close-codes.ts';
import { SignallingError } from '../../protocol/signalling-client.ts';
import { EntranceError } from './entrance-error.ts';
import type { Reason } from './reason.ts';

const messages: Record<string, string> = {
  goingAway: 'The server is restarting.',
  unauthorized: 'Your pass for this room has run out.',
  removed: 'The host has removed you from this room.',
  denied: 'The host did not let you in.',
  waitedTooLong: 'Nobody has let you in so far. Try again later, or ask the host.',
  replaced: 'You joined from somewhere else, so this page has left the room.',
  revoked: 'This invite was revoked. Ask the host for a new one.',
};

/** What ended a connection, as a reason. */
export function endReason(code: number, reason: string): Reason {
  const name: string = closeCodeName(code) ?? 'lost';
  return { code: name, message: messages[name] ?? (reason || 'The connection to the room was lost.') };
}

/** What is of the moment, as a server that is not there. */
const passing: ReadonlySet<string> = new Set(['unreachable', 'timeout', 'closed', 'lost', 'goingAway']);

/** Whether what went wrong may go well later, without anyone doing anything. */
export function mayPass(error: unknown): boolean {
  if (error instanceof SignallingError) return passing.has(error.code);
  return !(error instanceof EntranceError) || error.retryable;
}

export type Verdict =
  | { do: 'stop'; why: 'replaced' | 'removed' | 'refused'; reason: Reason }
  /** `entrance`: the token was refused, a new one is needed. */
  | { do: 'rejoin'; entrance: boolean; reason: Reason };

/** After these, asking again is of no use. */
const final: ReadonlySet<string> = new Set(['revoked', 'denied', 'waitedTooLong']);
/** After these, another token may be of use. */
const ofTheToken: ReadonlySet<string> = new Set([
  'unauthorized',
  'missingToken',
  'badToken',
  'unsignedToken',
  'forgedToken',
  'expiredToken',
]);

export function verdict(reason: Reason): Verdict {
  const { code } = reason;
  if (code === 'replaced' || code === 'removed') return { do: 'stop', why: code, reason };
  if (final.has(code)) return { do: 'stop', why: 'refused', reason };
  return { do: 'rejoin', entrance: ofTheToken.has(code), reason };
}
