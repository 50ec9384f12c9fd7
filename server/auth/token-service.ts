/**
 * Issues and verifies tokens and invites. One is valid if it was signed with this server's secret, has not expired, and neither it nor
 * anything that it was issued from was revoked. Nothing outlives what it was issued from. Every token of a REST call or a signalling
 * connection is checked here.
 */
import { ApiError, type Claims, type InviteClaims, type JoinResponse, MAX_ISSUERS } from '@mediasoup-booth/protocol';
import {
  type InviteSubject,
  type Secrets,
  signInvite,
  signToken,
  type TokenSubject,
  verifyInvite,
  verifyToken,
} from './jwt.ts';
import type { Credential, RevocationList, Revoker } from './revocation-list.ts';
import { isIssuedId } from './token-id.ts';

/** A token of an invited guest is valid this long, and renewed for as long as the invite is. */
const GUEST_TOKEN_SECONDS = 12 * 3600;

export class TokenService {
  readonly #secrets: Secrets;
  readonly #revocations: RevocationList;
  /** Milliseconds since 1970. */
  readonly #wallNow: () => number;

  constructor(secrets: Secrets, revocations: RevocationList, wallNow: () => number) {
    this.#secrets = secrets;
    this.#revocations = revocations;
    this.#wallNow = wallNow;
  }

  /**
   * @param ttlSeconds less where the issuer ends sooner
   * @param issuer the token of whoever asks for it; undefined: the server itself issues it
   * @param earlier an earlier token of the same person, which is renewed: its id stays
   * @throws {ApiError} `forbidden`, if too many have handed the right on
   */
  issueToken(
    subject: Omit<TokenSubject, 'id' | keyof Origin | 'renewableUntil'>,
    ttlSeconds: number,
    issuer?: Claims,
    earlier?: Claims,
  ): JoinResponse {
    const origin = originFrom(issuer, subject.room);
    return this.#sign({ ...subject, ...renewedId(earlier, origin), ...origin }, this.#bounded(ttlSeconds, issuer));
  }

  /**
   * A token for whoever is signed in by a link of this origin. It ends when what it was issued from is revoked, and not when that ends by
   * itself.
   *
   * @param earlier an earlier token of the same person, which is renewed: its id stays
   */
  issueOperatorToken(
    subject: Omit<TokenSubject, 'id' | keyof Origin | 'renewableUntil'>,
    ttlSeconds: number,
    { issuers, issuerRooms = [] }: Origin,
    earlier?: Claims,
  ): JoinResponse {
    const origin = originIn(subject.room, issuers, issuerRooms);
    return this.#sign({ ...subject, ...renewedId(earlier, origin), ...origin }, ttlSeconds);
  }

  /** @param ttlSeconds less where the issuer ends sooner. @throws {ApiError} `forbidden`, if too many have handed the right on */
  issueInvite(
    subject: Omit<InviteSubject, 'id' | keyof Origin>,
    ttlSeconds: number,
    issuer?: Claims,
  ): { invite: string; id: string; expires: number } {
    const issued = { ...subject, ...originFrom(issuer, subject.room) };
    const invite = signInvite(this.#secrets[0], issued, this.#bounded(ttlSeconds, issuer), this.#wallNow());
    const { jti, exp } = verifyInvite(this.#secrets, invite, subject.room, this.#wallNow());
    return { invite, id: jti, expires: exp };
  }

  /**
   * The token for which an invite is exchanged. It is renewable as long as the invite is valid.
   *
   * @param earlier an earlier token of the same person, which is renewed: its id stays
   */
  exchange(
    invite: InviteClaims,
    subject: Pick<TokenSubject, 'identity' | 'name'>,
    earlier: Claims | undefined,
  ): JoinResponse {
    const { room, grants } = invite.booth;
    const origin = originFrom(invite, room);
    return this.#sign(
      {
        ...subject,
        ...renewedId(earlier, origin),
        room,
        grants,
        ...origin,
        renewableUntil: invite.exp,
        since: invite.iat,
      },
      this.#bounded(GUEST_TOKEN_SECONDS, invite),
    );
  }

  /** A token with the same id that is valid longer; undefined where the token is not renewable, or what it was issued from has ended. */
  renew(claims: Claims): JoinResponse | undefined {
    const { sub, jti, iat, exp, booth } = claims;
    const { renewableUntil } = booth;
    if (renewableUntil === undefined || this.isRevoked(booth.room, credentialOf(claims))) return undefined;
    const ttlSeconds = Math.min(GUEST_TOKEN_SECONDS, secondsUntil(renewableUntil, this.#wallNow()));
    if (Math.floor(this.#wallNow() / 1000) + ttlSeconds <= exp) return undefined;
    return this.#sign({ since: iat, ...booth, identity: sub, id: jti }, ttlSeconds);
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
    const claims = verifyToken(this.#secrets, token, this.#wallNow());
    this.requireNotRevoked(claims);
    return claims;
  }

  /** The claims of an invite. @throws {ApiError} that says what is wrong with it */
  verifyInvite(invite: string, room: string): InviteClaims {
    const claims = verifyInvite(this.#secrets, invite, room, this.#wallNow());
    this.requireNotRevoked(claims);
    return claims;
  }

  /** @throws {ApiError} where the token, or anything that it was issued from, was revoked */
  requireNotRevoked(claims: Claims | InviteClaims): void {
    if (this.isRevoked(claims.booth.room, credentialOf(claims))) throw new ApiError('revoked', REVOKED_MESSAGE);
  }

  isRevoked(room: string, credential: Credential): boolean {
    return this.#revocations.covers(room, credential);
  }

  /**
   * Revokes what has this id, at once; resolves when that is stored on disk.
   *
   * @throws {ApiError} `notFound` for an id that was not issued here for this room; `forbidden` where the caller's own rights come from it;
   * those of {@link RevocationList.revoke}
   */
  async revokeId(room: string, id: string, caller: Claims): Promise<void> {
    const normalized = normalizedId(id);
    if (!isIssuedId(this.#secrets.filter(isSecret), room, normalized))
      throw new ApiError(
        'notFound',
        `this server issued nothing for room "${room}" with the id ${normalized}: a token that another program has signed is revoked by the token itself (POST /v1/rooms/${room}/revocations)`,
      );
    await this.#revoke(room, normalized, caller);
  }

  /**
   * Revokes this token or invite, at once, whoever has signed it; resolves when that is stored on disk. One that has expired needs no entry.
   *
   * @throws {ApiError} that says what is wrong with it; those of {@link revokeId}
   */
  async revokeText(room: string, given: { token: string } | { invite: string }, caller: Claims): Promise<void> {
    const claims = this.#unexpired(room, given);
    if (!claims) return;
    if (claims.booth.room !== room)
      throw new ApiError('wrongRoom', `the token is for room "${claims.booth.room}", not for "${room}"`);
    await this.#revoke(room, normalizedId(claims.jti), caller);
  }

  /**
   * Revokes, at once, what was issued up to now for this room: for an admin all, for a host what came from their own token, however many
   * have handed it on. The caller's own token stays valid. Resolves when that is stored on disk.
   */
  async revokeEarlier(room: string, caller: Claims): Promise<void> {
    await this.#revocations.revokeEarlier(room, revoker(caller), normalizedId(caller.jti));
  }

  async #revoke(room: string, id: string, caller: Claims): Promise<void> {
    const by = revoker(caller);
    if (by !== 'admin' && by.issuers.includes(id))
      throw new ApiError(
        'forbidden',
        'your own rights come from this: whoever gave it to you, or an admin, can revoke it',
      );
    await this.#revocations.revoke(room, id, by);
  }

  #unexpired(room: string, given: { token: string } | { invite: string }): Claims | InviteClaims | undefined {
    const nowMs = this.#wallNow();
    try {
      return 'token' in given
        ? verifyToken(this.#secrets, given.token, nowMs)
        : verifyInvite(this.#secrets, given.invite, room, nowMs);
    } catch (error) {
      if (error instanceof ApiError && error.code === 'expiredToken') return undefined;
      throw error;
    }
  }

  #sign(subject: TokenSubject, ttlSeconds: number): JoinResponse {
    const token = signToken(this.#secrets[0], subject, ttlSeconds, this.#wallNow());
    const { jti, exp } = verifyToken(this.#secrets, token, this.#wallNow());
    return { token, id: jti, identity: subject.identity, expires: exp };
  }

  #bounded(ttlSeconds: number, issuer: Claims | InviteClaims | undefined): number {
    return issuer === undefined ? ttlSeconds : Math.min(ttlSeconds, secondsUntil(endOf(issuer), this.#wallNow()));
  }
}

export const REVOKED_MESSAGE = 'this invite was revoked: ask the host for a new one';

/** The part of a token or an invite that decides whether it is revoked. */
export const credentialOf = ({ jti, iat, booth }: Claims | InviteClaims): Credential => ({
  id: normalizedId(jti),
  issuers: booth.issuers.map(normalizedId),
  issuerRooms: booth.issuerRooms,
  issuedAtMs: iat * 1000,
  launched: 'launched' in booth && booth.launched === true,
});

const revoker = (caller: Claims): Revoker => (caller.booth.grants.includes('admin') ? 'admin' : credentialOf(caller));

/** UUIDs are compared in lower case. */
const normalizedId = (id: string): string => id.toLowerCase();

const isSecret = (secret: string | undefined): secret is string => secret !== undefined;

/** When the rights of a holder end: a renewable token counts until it is renewed no more. */
const endOf = ({ exp, booth }: Claims | InviteClaims): number =>
  'renewableUntil' in booth ? Math.max(exp, booth.renewableUntil ?? 0) : exp;

const secondsUntil = (time: number, nowMs: number): number => Math.floor(time - Math.floor(nowMs / 1000));

/** From what something is issued: the ids of that, and the rooms, other than its own, that they are for. */
export type Origin = Pick<Credential, 'issuers' | 'issuerRooms'>;

/** The id of an earlier token stays where the new one comes from the same issuers. */
const renewedId = (earlier: Claims | undefined, { issuers }: Origin): { id?: string } =>
  earlier?.booth.issuers.join() === issuers.join() ? { id: earlier.jti } : {};

/**
 * @param room the room of what is issued; undefined: it is for every room
 * @throws {ApiError} `forbidden`, if too many have handed the right on
 */
export function originFrom(issuer: Claims | InviteClaims | undefined, room: string | undefined): Origin {
  if (!issuer) return { issuers: [] };
  const issuers = [...issuer.booth.issuers, issuer.jti].map(normalizedId);
  if (issuers.length > MAX_ISSUERS)
    throw new ApiError(
      'forbidden',
      `this right was handed on ${MAX_ISSUERS} times, which is the most: ask an earlier host`,
    );
  return originIn(room, issuers, [...(issuer.booth.issuerRooms ?? []), issuer.booth.room]);
}

function originIn(room: string | undefined, issuers: readonly string[], issuerRooms: readonly string[]): Origin {
  const others = [...new Set(issuerRooms)].filter((other) => other !== room);
  return { issuers, ...(others.length > 0 && { issuerRooms: others }) };
}
