/** Whether a REST call may be made: its token says so. Tokens come in the header `Authorization` alone. */

import { ApiError, type Claims, type Grant, holds } from '@mediasoup-booth/protocol';
import type { Request } from 'express';

/** The grants of which any one is enough for a call: `admin` in every room, the others in the room of the token. */
export type AcceptedGrants = readonly [Grant, ...Grant[]];

/** @throws {ApiError} where the token has none of `accepted`, or is for another room */
export function authorize({ booth }: Claims, accepted: AcceptedGrants, room: string | string[] | undefined): void {
  if (accepted.includes('admin') && booth.grants.includes('admin')) return;
  if (!accepted.some((grant) => holds(booth.grants, grant)))
    throw new ApiError('forbidden', `this needs a token with the grant ${accepted.map(quoted).join(' or ')}`);
  if (booth.room !== room) throw new ApiError('wrongRoom', `the token is for room "${booth.room}", not for "${room}"`);
}

/** @throws {ApiError} where the token is none that a server makes, for itself and for the interpreters that it launches */
export function requireServer({ booth }: Claims): void {
  if (booth.launched !== true) throw new ApiError('forbidden', 'this is a call between servers');
}

/** Grants that reach beyond a room: `interpret` uses the account of all rooms. */
const adminGrants = ['admin', 'interpret'] as const;

/** @throws {ApiError} where somebody gives what they may not: a host makes no admins, no interpreters and nobody who is hidden */
export function requireGrantable(
  { booth }: Claims,
  { grants, hidden }: { grants: readonly Grant[]; hidden?: boolean | undefined },
): void {
  if (booth.grants.includes('admin')) return;
  const beyond = adminGrants.find((grant) => grants.includes(grant));
  if (beyond) throw new ApiError('forbidden', `only a token with the grant "admin" can grant "${beyond}"`);
  if (hidden) throw new ApiError('forbidden', 'only a token with the grant "admin" can make a hidden participant');
}

/** @throws {ApiError} where the header is there and carries no bearer token */
export function bearerToken(request: Request): string | undefined {
  const header = request.headers.authorization;
  if (header === undefined) return undefined;
  const [, token] = /^Bearer +(\S+)$/i.exec(header) ?? [];
  if (!token) throw new ApiError('badToken', 'the header must read "Authorization: Bearer <token>"');
  return token;
}

const quoted = (grant: Grant): string => `"${grant}"`;
