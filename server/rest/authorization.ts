/** Whether a call may be made: its token says so. Tokens come in the header `Authorization` alone. */
import type { Request } from 'express';
import { ApiError } from '../../protocol/api-error.ts';
import { RoomName } from '../../protocol/rooms.ts';
import type { Claims, Grant } from '../../protocol/tokens.ts';
import type { TokenService } from '../auth/token-service.ts';

/** @throws {ApiError} unless the token has the grant `admin`, or the grant that is asked for where `room` is its room */
export function authorize(
  passes: TokenService,
  request: Request,
  room?: string,
  grant: 'host' | 'subscribe' = 'host',
): Claims {
  const claims = passes.verify(bearer(request));
  const { booth } = claims;
  if (booth.grants.includes('admin')) return claims;
  if (room === undefined) throw new ApiError('forbidden', 'this needs a token with the grant "admin"');
  if (!booth.grants.includes(grant))
    throw new ApiError('forbidden', `this needs a token with the grant "${grant}" or "admin"`);
  if (booth.room !== room) throw new ApiError('wrongRoom', `the token is for room "${booth.room}", not for "${room}"`);
  return claims;
}

/** @throws {ApiError} when the path names no room */
export function roomOf(request: Request<{ room: string }>): string {
  const name = RoomName.safeParse(request.params.room);
  if (!name.success) throw new ApiError('invalid', 'a room name is 1-64 letters, digits, ".", "_" or "-"');
  return name.data;
}

/** Nobody gives what they may not give: a host makes no admins. */
export function requireGrantable(giver: Claims, grants: readonly Grant[]): void {
  if (grants.includes('admin') && !giver.booth.grants.includes('admin'))
    throw new ApiError('forbidden', 'only a token with the grant "admin" can grant "admin"');
}

function bearer(request: Request): string | undefined {
  const header = request.headers.authorization;
  if (header === undefined) return undefined;
  const [, token] = /^Bearer +(\S+)$/i.exec(header) ?? [];
  if (!token) throw new ApiError('badToken', 'the header must read "Authorization: Bearer <token>"');
  return token;
}
