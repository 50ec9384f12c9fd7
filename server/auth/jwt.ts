/**
 * Signs and verifies Booth's tokens and invites (JWT): HS256 and nothing else. An invite carries an audience and a token none, so
 * that neither is accepted as the other. Every kind of error has a message of its own.
 */
import { randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { ApiError, issues } from '../../protocol/api-error.ts';
import { Claims, type Grant, InviteClaims } from '../../protocol/tokens.ts';

export interface TokenSubject {
  identity: string;
  room: string;
  grants: readonly Grant[];
  name?: string | undefined;
  speaks?: string | undefined;
  hidden?: boolean | undefined;
  /** Default: a new one. */
  id?: string;
  /** The id of the invite that it is exchanged for. */
  invite?: string | undefined;
}

export interface InviteSubject {
  room: string;
  grants: readonly Grant[];
  /** Default: a new one. */
  id?: string;
}

const INVITE_AUDIENCE = 'booth-invite';
const algorithm = 'HS256';

const expiry = (ttlSeconds: number, nowMs: number): number => Math.floor(nowMs / 1000) + ttlSeconds;

export function signToken(secret: string, subject: TokenSubject, ttlSeconds: number, nowMs = Date.now()): string {
  const { identity, room, grants, name, speaks, hidden, id = randomUUID(), invite } = subject;
  const booth = { room, name, speaks, hidden, grants, invite };
  const claims = { sub: identity, jti: id, exp: expiry(ttlSeconds, nowMs), booth };
  return jwt.sign(claims, secret, { algorithm, noTimestamp: true });
}

export function signInvite(secret: string, subject: InviteSubject, ttlSeconds: number, nowMs = Date.now()): string {
  const { room, grants, id = randomUUID() } = subject;
  const claims = { aud: INVITE_AUDIENCE, jti: id, exp: expiry(ttlSeconds, nowMs), booth: { room, grants } };
  return jwt.sign(claims, secret, { algorithm, noTimestamp: true });
}

/** The claims of a token. @throws {ApiError} that says what is wrong with it */
export function verifyToken(secret: string, token: string | undefined, nowMs = Date.now()): Claims {
  const payload = verified('token', secret, token, nowMs);
  if (payload.aud === INVITE_AUDIENCE)
    throw new ApiError('badToken', 'this is an invite, not a token: exchange it at POST /v1/join first');
  if (payload.aud !== undefined)
    throw new ApiError('badToken', 'the token has an audience ("aud"), so it was made for something else than Booth');
  const claims = Claims.safeParse(payload);
  if (!claims.success) throw new ApiError('badToken', `the token's claims are wrong: ${issues(claims.error)}`);
  return claims.data;
}

/** The claims of an invite. @throws {ApiError} that says what is wrong with it */
export function verifyInvite(secret: string, invite: string, room: string, nowMs = Date.now()): InviteClaims {
  const payload = verified('invite', secret, invite, nowMs);
  if (payload.aud !== INVITE_AUDIENCE)
    throw new ApiError('badToken', 'this is not an invite: ask whoever runs the meeting for an invite link');
  const claims = InviteClaims.safeParse(payload);
  if (!claims.success) throw new ApiError('badToken', `the invite's claims are wrong: ${issues(claims.error)}`);
  if (claims.data.booth.room !== room)
    throw new ApiError('wrongRoom', `the invite is for room "${claims.data.booth.room}", not for "${room}"`);
  return claims.data;
}

function verified(what: 'token' | 'invite', secret: string, text: string | undefined, nowMs: number): jwt.JwtPayload {
  if (!text) throw new ApiError('missingToken', `there is no ${what}: ${remedies[what]}`);
  try {
    const clockTimestamp = Math.floor(nowMs / 1000);
    const payload = jwt.verify(text, secret, { algorithms: [algorithm], clockTimestamp });
    if (typeof payload === 'object') return payload;
  } catch (error) {
    throw explained(what, error);
  }
  throw new ApiError('badToken', `the ${what} carries a text instead of claims`);
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
