/**
 * What lets people in, as this server sees it: tokens and invites that are signed with its secret, have not expired, and were not
 * revoked.
 */
import { randomUUID } from 'node:crypto';
import { ApiError } from '../../protocol/api-error.ts';
import type { JoinResponse } from '../../protocol/rest.ts';
import type { Claims, InviteClaims } from '../../protocol/tokens.ts';
import { type InviteSubject, signInvite, signToken, type TokenSubject, verifyInvite, verifyToken } from './jwt.ts';
import type { RevocationList } from './revocation-list.ts';

export class TokenService {
  readonly #secret: string;
  readonly #revocations: RevocationList;
  /** Milliseconds since 1970. */
  readonly #wallNow: () => number;

  constructor(secret: string, revocations: RevocationList, wallNow: () => number) {
    this.#secret = secret;
    this.#revocations = revocations;
    this.#wallNow = wallNow;
  }

  issueToken(subject: TokenSubject, ttlSeconds: number): JoinResponse {
    const id = randomUUID();
    const token = signToken(this.#secret, { ...subject, id }, ttlSeconds, this.#wallNow());
    return { token, id, identity: subject.identity, expires: verifyToken(this.#secret, token, this.#wallNow()).exp };
  }

  issueInvite(invitation: InviteSubject, ttlSeconds: number): { invite: string; id: string; expires: number } {
    const id = randomUUID();
    const invite = signInvite(this.#secret, { ...invitation, id }, ttlSeconds, this.#wallNow());
    return { invite, id, expires: verifyInvite(this.#secret, invite, invitation.room, this.#wallNow()).exp };
  }

  /** @throws {ApiError} that tells in what way the token is wrong */
  verify(token: string | undefined): Claims {
    const claims = verifyToken(this.#secret, token, this.#wallNow());
    this.requireNotRevoked(claims);
    return claims;
  }

  /** @throws {ApiError} that tells in what way the invite is wrong */
  verifyInvite(invite: string, room: string): InviteClaims {
    const claims = verifyInvite(this.#secret, invite, room, this.#wallNow());
    this.requireNotRevoked(claims);
    return claims;
  }

  /** @throws {ApiError} where it, or the invite it was exchanged for, has been revoked since */
  requireNotRevoked(claims: Claims | InviteClaims): void {
    if (credentialIds(claims).some((id) => this.#revocations.has(claims.booth.room, id)))
      throw new ApiError('revoked', REVOKED_MESSAGE);
  }

  /** In force at once; settles when a restart would not forget it. @throws {ApiError} at the bound */
  revoke(room: string, id: string): Promise<void> {
    return this.#revocations.add(room, id);
  }

  isRevoked(room: string, id: string): boolean {
    return this.#revocations.has(room, id);
  }
}

export const REVOKED_MESSAGE = 'this invite was revoked: ask the host for a new one';

/** By which of them its holder can be sent away: its own, and that of the invite it was exchanged for. */
export const credentialIds = ({ jti, booth }: Claims | InviteClaims): string[] =>
  [jti, 'invite' in booth ? booth.invite : undefined].filter((id) => id !== undefined).map(normalizedId);

/** A UUID is the same in capitals. */
export const normalizedId = (id: string): string => id.toLowerCase();
