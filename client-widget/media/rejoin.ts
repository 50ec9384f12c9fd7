/** Decides after a lost or refused connection whether the page joins again, and what the person should know. Pure. */
import { afterClose, type CloseCodeName, closeCodeName } from '@mediasoup-booth/protocol';
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
  expired: 'Your access to this room has ended. Ask the host for a new invite.',
  revoked: 'This invite was revoked. Ask the host for a new one.',
};

/** The end of a connection in words for people, by its WebSocket close code. */
export function endReason(code: number, reason: string): ErrorReason {
  if (code === MEDIA_FAILED) return { code: 'lost', message: 'Sound and pictures no longer get through.' };
  const name: string = closeCodeName(code) ?? 'lost';
  const [, refusal = '', message = ''] = /^(\w+): (.*)$/.exec(reason) ?? [];
  if (name === 'unauthorized' && tokenErrors.has(refusal)) return { code: refusal, message };
  return { code: name, message: messages[name] ?? (reason || 'The connection to the room was lost.') };
}

/** Error codes of failures that may be over soon, such as a server that cannot be reached. */
const transientErrors: ReadonlySet<string> = new Set([
  'unreachable',
  'upgradeBlocked',
  'timeout',
  'closed',
  'lost',
  'goingAway',
  'elsewhere',
]);

/** Whether the same attempt may succeed later, although nobody changes anything. */
export function isTransient(error: unknown): boolean {
  if (error instanceof SignallingError) return transientErrors.has(error.code);
  return !(error instanceof EntranceError) || error.retryable;
}

type RejoinDecision =
  | { action: 'stop'; why: 'replaced' | 'removed' | 'refused'; reason: ErrorReason }
  /** `needsNewToken`: the server refused the token, and would refuse it again. */
  | { action: 'rejoin'; needsNewToken: boolean; reason: ErrorReason };

/** The server's error codes for a token that it does not accept: another token may be accepted. */
const tokenErrors: ReadonlySet<string> = new Set([
  'missingToken',
  'badToken',
  'unsignedToken',
  'forgedToken',
  'expiredToken',
]);

export function rejoinDecision(reason: ErrorReason): RejoinDecision {
  const { code } = reason;
  // A browser without WebRTC has none at the next attempt either.
  const after = code === 'unsupported' ? 'stop' : isCloseCodeName(code) ? afterClose[code] : undefined;
  if (after !== 'stop')
    return { action: 'rejoin', needsNewToken: after === 'newToken' || tokenErrors.has(code), reason };
  return { action: 'stop', why: code === 'replaced' || code === 'removed' ? code : 'refused', reason };
}

const isCloseCodeName = (code: string): code is CloseCodeName => Object.hasOwn(afterClose, code);
