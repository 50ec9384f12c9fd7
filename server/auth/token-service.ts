/**
 * Issues and verifies tokens and invites. One is valid if it was signed with this server's secret, has not expired and was not revoked.
 * Every token of a REST call or a signalling connection is checked here.
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

  issueInvite(subject: InviteSubject, ttlSeconds: number): { invite: string; id: string; expires: number } {
    const id = randomUUID();
    const invite = signInvite(this.#secret, { ...subject, id }, ttlSeconds, this.#wallNow());
    return { invite, id, expires: verifyInvite(this.#secret, invite, subject.room, this.#wallNow()).exp };
  }

  /**
   * The claims of a token.
   *
   * @throws {ApiError} that says what is wrong with it
   *
   * @example
   * const { sub, booth } = tokens.verify(bearerToken(request));
   */
  verify(token: string | undefined): Claims {
    const claims = verifyToken(this.#secret, token, this.#wallNow());
    this.requireNotRevoked(claims);
    return claims;
  }

  /** The claims of an invite. @throws {ApiError} that says what is wrong with it */
  verifyInvite(invite: string, room: string): InviteClaims {
    const claims = verifyInvite(this.#secret, invite, room, this.#wallNow());
    this.requireNotRevoked(claims);
    return claims;
  }

  /** @throws {ApiError} where the token, or the invite that it was exchanged for, was revoked */
  requireNotRevoked(claims: Claims | InviteClaims): void {
    if (credentialIds(claims).some((id) => this.#revocations.has(claims.booth.room, id)))
      throw new ApiError('revoked', REVOKED_MESSAGE);
  }

  /** Revokes at once; resolves when the revocation is stored on disk. @throws {ApiError} `tooMany`, if the list is full */
  revoke(room: string, id: string): Promise<void> {
    return this.#revocations.add(room, id);
  }

  isRevoked(room: string, id: string): boolean {
    return this.#revocations.has(room, id);
  }
}

export const REVOKED_MESSAGE = 'this invite was revoked: ask the host for a new one';

/** The ids by which the holder's access can be revoked: the token's own, and that of the invite that it was exchanged for. */
export const credentialIds = ({ jti, booth }: Claims | InviteClaims): string[] =>
  [jti, 'invite' in booth ? booth.invite : undefined].filter((id) => id !== undefined).map(normalizedId);

/** UUIDs are compared in lower case. */
export const normalizedId = (id: string): string => id.toLowerCase();
