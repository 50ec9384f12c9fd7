/** The claims of a Booth token (HS256 JWT) and of an invite. A token never stands in a path or a query. */
import { z } from 'zod';
import { LanguageCode } from './languages.ts';
import { RoomName, TokenName } from './rooms.ts';

/**
 * `publish`: be heard and seen. What is received: `captions` (also the transcript), `channels` (translated voices), `originals`
 * (microphones and shared sound), `cameras` (and screens); `subscribe` stands for these four. `interpret`: translate, for interpreters.
 * `host`: control one room. `admin`: all rooms.
 */
export const Grant = z.enum([
  'publish',
  'subscribe',
  'captions',
  'channels',
  'originals',
  'cameras',
  'interpret',
  'host',
  'admin',
]);
export type Grant = z.infer<typeof Grant>;

/** What somebody may receive. */
export type ReceiveGrant = Extract<Grant, 'captions' | 'channels' | 'originals' | 'cameras'>;

const receiveGrants: readonly Grant[] = ['captions', 'channels', 'originals', 'cameras'] satisfies ReceiveGrant[];

/**
 * Whether a grant is among those of a token, by itself or as a part of `subscribe`.
 *
 * @example
 * holds(['publish', 'subscribe'], 'captions'); // true
 */
export const holds = (grants: readonly unknown[], grant: Grant): boolean =>
  grants.includes(grant) || (receiveGrants.includes(grant) && grants.includes('subscribe'));

export const Identity = z.string().min(1).max(64);

/** The id (`jti`) by which a token or an invite is revoked: a UUID where this server has issued it. */
export const TokenId = z.string('is missing: a token needs an id, by which it can be revoked').min(1).max(256);

/** How many may have handed a token on, from the first issuer to its holder. */
export const MAX_ISSUERS = 8;

/** The longest time between `iat` and `exp` that is accepted: 31 days. */
export const LONGEST_VALIDITY_SECONDS = 31 * 86_400;

/** Seconds since 1970, as JWT has them: a fraction is allowed. */
const NumericDate = z.number();
const IssuedAt = z.number('is missing: a token needs the time at which it was issued');

/**
 * The ids of the tokens and invites from which this one was issued, the first issuer first. Whoever revokes one of them revokes this one
 * too. Default: none, for what whoever has the secret has signed.
 */
export const Issuers = z.array(TokenId).max(MAX_ISSUERS).default([]);

/** The rooms, other than its own, whose tokens are among the issuers. Absent: none. */
export const IssuerRooms = z.array(RoomName).max(MAX_ISSUERS).optional();

export const Claims = z.object({
  sub: Identity,
  jti: TokenId,
  iat: IssuedAt,
  exp: NumericDate,
  booth: z.object({
    room: RoomName,
    name: TokenName.optional(),
    speaks: LanguageCode.optional(),
    hidden: z.boolean().optional(),
    grants: z.array(Grant),
    issuers: Issuers,
    issuerRooms: IssuerRooms,
    /** Until when the server renews it: as long as the invite that it was exchanged for is valid. Absent: it is not renewed. */
    renewableUntil: NumericDate.optional(),
    /** From when on its holder was invited: meetings that had ended before are not theirs to read. Default: `iat`. */
    since: NumericDate.optional(),
    /** The server made it for an interpreter that it launched, whose id is `sub`. */
    launched: z.literal(true).optional(),
  }),
});
export type Claims = z.infer<typeof Claims>;

/** Exchanged at `POST /v1/join` for a token with a fresh identity. Carried in a link's fragment. */
export const InviteClaims = z.object({
  aud: z.literal('booth-invite'),
  jti: TokenId,
  iat: IssuedAt,
  exp: NumericDate,
  booth: z.object({ room: RoomName, grants: z.array(Grant), issuers: Issuers, issuerRooms: IssuerRooms }),
});
export type InviteClaims = z.infer<typeof InviteClaims>;
