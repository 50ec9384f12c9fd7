/** What a lost or refused connection means for the page: whether to join again, and what the person should know. Pure. */
import { afterClose, type CloseCodeName, closeCodeName } from '../../protocol/close-codes.ts';
import { MEDIA_FAILED } from '../../room-client/room-client.ts';
import { SignallingError } from '../../room-client/signalling-client.ts';
import { EntranceError } from './entrance-error.ts';
import type { ErrorReason } from './error-reason.ts';

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
export function endReason(code: number, reason: string): ErrorReason {
  if (code === MEDIA_FAILED) return { code: 'lost', message: 'Sound and pictures no longer get through.' };
  const name: string = closeCodeName(code) ?? 'lost';
  return { code: name, message: messages[name] ?? (reason || 'The connection to the room was lost.') };
}

/** Codes of what may be over soon, as a server that cannot be reached. */
const passing: ReadonlySet<string> = new Set(['unreachable', 'timeout', 'closed', 'lost', 'goingAway']);

/** Whether what went wrong may go well later, without anyone doing anything. */
export function mayPass(error: unknown): boolean {
  if (error instanceof SignallingError) return passing.has(error.code);
  return !(error instanceof EntranceError) || error.retryable;
}

export type Verdict =
  | { do: 'stop'; why: 'replaced' | 'removed' | 'refused'; reason: ErrorReason }
  /** `entrance`: the token was refused, a new one is needed. */
  | { do: 'rejoin'; entrance: boolean; reason: ErrorReason };

/** The server's codes for a request to join with a token that another one may replace. */
const tokenErrors: ReadonlySet<string> = new Set([
  'missingToken',
  'badToken',
  'unsignedToken',
  'forgedToken',
  'expiredToken',
]);

export function verdict(reason: ErrorReason): Verdict {
  const { code } = reason;
  const after = isCloseCodeName(code) ? afterClose[code] : undefined;
  if (after !== 'stop') return { do: 'rejoin', entrance: after === 'newToken' || tokenErrors.has(code), reason };
  return { do: 'stop', why: code === 'replaced' || code === 'removed' ? code : 'refused', reason };
}

const isCloseCodeName = (code: string): code is CloseCodeName => Object.hasOwn(afterClose, code);
