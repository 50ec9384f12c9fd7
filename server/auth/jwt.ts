/**
 * Signs and verifies Booth's tokens and invites (JWT): HS256 and nothing else. An invite carries an audience and a token none, so
 * that neither is accepted as the other. Every kind of error has a message of its own. What was revoked, and from what a token was issued, is
 * checked in `token-service.ts`.
 *
 * Two secrets can be accepted at once, so that one can replace the other while what it has signed is still in use: the header `kid` says
 * which of them a token was signed with. A token without `kid`, made by another program, may be signed with either.
 */
import { createHmac } from 'node:crypto';
import {
  ApiError,
  Claims,
  type Grant,
  InviteClaims,
  issues,
  LONGEST_VALIDITY_SECONDS,
} from '@mediasoup-booth/protocol';
import jwt from 'jsonwebtoken';
import { newTokenId } from './token-id.ts';

/** The secret that signs, and an earlier one whose tokens are accepted until they expire. */
export type Secrets = readonly [current: string, previous?: string | undefined];

export interface TokenSubject {
  identity: string;
  room: string;
  grants: readonly Grant[];
  name?: string | undefined;
  speaks?: string | undefined;
  hidden?: boolean | undefined;
  /** Default: a new one. */
  id?: string;
  /** The ids of the tokens and invites that it is issued from. Default: none. */
  issuers?: readonly string[];
  /** The rooms, other than its own, of issuers. Default: none. */
  issuerRooms?: readonly string[] | undefined;
  /** Seconds since 1970. Default: it is not renewed. */
  renewableUntil?: number | undefined;
  /** Seconds since 1970. Default: when it is issued. */
  since?: number | undefined;
  /** The server makes it for an interpreter that it launches. */
  launched?: true | undefined;
}

export interface InviteSubject {
  room: string;
  grants: readonly Grant[];
  /** Default: a new one. */
  id?: string;
  /** The ids of the tokens and invites that it is issued from. Default: none. */
  issuers?: readonly string[];
  /** The rooms, other than its own, of issuers. Default: none. */
  issuerRooms?: readonly string[] | undefined;
}

const INVITE_AUDIENCE = 'booth-invite';
const algorithm = 'HS256';
/** How far the clock of a computer that signs tokens may be ahead of this one's. */
const CLOCK_SKEW_SECONDS = 60;

/** @param ttlSeconds counted from the last full second */
export function signToken(secret: string, subject: TokenSubject, ttlSeconds: number, nowMs = Date.now()): string {
  const { identity, id = newTokenId(secret, subject.room), ...booth } = subject;
  return sign(secret, { sub: identity, jti: id, ...dates(ttlSeconds, nowMs), booth });
}

/** @param ttlSeconds counted from the last full second */
export function signInvite(secret: string, subject: InviteSubject, ttlSeconds: number, nowMs = Date.now()): string {
  const { id = newTokenId(secret, subject.room), ...booth } = subject;
  return sign(secret, { aud: INVITE_AUDIENCE, jti: id, ...dates(ttlSeconds, nowMs), booth });
}

/** The claims of a token. @throws {ApiError} that says what is wrong with it */
export function verifyToken(secrets: string | Secrets, token: string | undefined, nowMs = Date.now()): Claims {
  const payload = verified('token', secrets, token, nowMs);
  if (payload.aud === INVITE_AUDIENCE)
    throw new ApiError('badToken', 'this is an invite, not a token: exchange it at POST /v1/join first');
  if (payload.aud !== undefined)
    throw new ApiError('badToken', 'the token has an audience ("aud"), so it was made for something else than Booth');
  const claims = Claims.safeParse(payload);
  if (!claims.success) throw new ApiError('badToken', `the token's claims are wrong: ${issues(claims.error)}`);
  requireValidity('token', claims.data, nowMs);
  return claims.data;
}

/** The claims of an invite. @throws {ApiError} that says what is wrong with it */
export function verifyInvite(
  secrets: string | Secrets,
  invite: string,
  room: string,
  nowMs = Date.now(),
): InviteClaims {
  const payload = verified('invite', secrets, invite, nowMs);
  if (payload.aud !== INVITE_AUDIENCE)
    throw new ApiError('badToken', 'this is not an invite: ask whoever runs the meeting for an invite link');
  const claims = InviteClaims.safeParse(payload);
  if (!claims.success) throw new ApiError('badToken', `the invite's claims are wrong: ${issues(claims.error)}`);
  if (claims.data.booth.room !== room)
    throw new ApiError('wrongRoom', `the invite is for room "${claims.data.booth.room}", not for "${room}"`);
  requireValidity('invite', claims.data, nowMs);
  return claims.data;
}

/** The `kid` of what a secret signs. It tells secrets apart, and nothing about them. */
export const keyIdOf = (secret: string): string =>
  createHmac('sha256', secret).update('booth key id').digest('base64url').slice(0, 8);

const sign = (secret: string, payload: object): string =>
  jwt.sign(payload, secret, { algorithm, keyid: keyIdOf(secret) });

/** `iat` is exact to a millisecond, so that a revocation of everything that was issued before spares what is issued after it. */
const dates = (ttlSeconds: number, nowMs: number): { iat: number; exp: number } => ({
  iat: nowMs / 1000,
  exp: Math.floor(nowMs / 1000) + ttlSeconds,
});

function requireValidity(what: 'token' | 'invite', { iat, exp }: { iat: number; exp: number }, nowMs: number): void {
  const days = Math.ceil((exp - iat) / 86_400);
  if (exp - iat > LONGEST_VALIDITY_SECONDS)
    throw new ApiError(
      'badToken',
      `the ${what} is valid for ${days} days ("exp" less "iat"), and 31 are the most: sign it for a shorter time`,
    );
  if (iat > nowMs / 1000 + CLOCK_SKEW_SECONDS)
    throw new ApiError(
      'badToken',
      `the ${what} was issued in the future ("iat"): set the clock of the computer that signs it`,
    );
}

function verified(
  what: 'token' | 'invite',
  secrets: string | Secrets,
  text: string | undefined,
  nowMs: number,
): jwt.JwtPayload {
  if (!text) throw new ApiError('missingToken', `there is no ${what}: ${remedies[what]}`);
  try {
    const clockTimestamp = Math.floor(nowMs / 1000);
    const payload = jwt.verify(text, secretFor(text, secrets), { algorithms: [algorithm], clockTimestamp });
    if (typeof payload === 'object') return payload;
  } catch (error) {
    throw explained(what, error);
  }
  throw new ApiError('badToken', `the ${what} carries a text instead of claims`);
}

/** The secret with which this text says, or proves, that it was signed; the current one where it does neither. */
function secretFor(text: string, secrets: string | Secrets): string {
  const [current, previous] = typeof secrets === 'string' ? [secrets] : secrets;
  if (previous === undefined) return current;
  const kid = jwt.decode(text, { complete: true })?.header.kid;
  const isPrevious = kid === undefined ? isSignedWith(previous, text) : kid === keyIdOf(previous);
  return isPrevious ? previous : current;
}

function isSignedWith(secret: string, text: string): boolean {
  try {
    jwt.verify(text, secret, { algorithms: [algorithm], ignoreExpiration: true, ignoreNotBefore: true });
    return true;
  } catch {
    return false;
  }
}

const remedies = {
  token: 'make one with `booth token`, or by POST /v1/rooms/{room}/tokens',
  invite: 'ask whoever runs the meeting for an invite link',
};

/** A developer who issues tokens can use the library's reason; a person who was sent an invite cannot. */
const unreadable = {
  token: (reason: string) => `this is not a token of Booth's (${reason}): check that all of it was copied`,
  invite: () => "this is not an invite of Booth's: check that all of the link was copied",
};

function explained(what: 'token' | 'invite', error: unknown): ApiError {
  if (error instanceof jwt.TokenExpiredError)
    return new ApiError('expiredToken', `the ${what} expired at ${error.expiredAt.toISOString()}: get a new one`);
  const reason = error instanceof Error ? error.message : '';
  if (reason === 'jwt signature is required')
    return new ApiError('unsignedToken', `the ${what} is not signed: it needs a signature with this server's secret`);
  if (reason === 'invalid algorithm')
    return new ApiError('forgedToken', `the ${what} is signed with another algorithm: only ${algorithm} is accepted`);
  if (reason === 'invalid signature')
    return new ApiError('forgedToken', `the ${what} was signed with another secret than this server's`);
  return new ApiError('badToken', unreadable[what](reason));
}
