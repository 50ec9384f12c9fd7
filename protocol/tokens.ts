/** The claims of a Booth token (HS256 JWT) and of an invite. A token never stands in a path or a query. */
import { z } from 'zod';
import { LanguageCode } from './languages.ts';
import { DisplayName, RoomName } from './rooms.ts';

export const Grant = z.enum(['publish', 'subscribe', 'interpret', 'host', 'admin']);
export type Grant = z.infer<typeof Grant>;

export const Identity = z.string().min(1).max(64);

/** The id (`jti`) by which a token or an invite is revoked: a UUID where this server has issued it. */
export const TokenId = z.string().min(1).max(256);

export const Claims = z.object({
  sub: Identity,
  jti: TokenId.optional(),
  exp: z.number().int(),
  booth: z.object({
    room: RoomName,
    name: DisplayName.optional(),
    speaks: LanguageCode.optional(),
    hidden: z.boolean().optional(),
    grants: z.array(Grant),
    /** The id of the invite that it was exchanged for. */
    invite: TokenId.optional(),
  }),
});
export type Claims = z.infer<typeof Claims>;

/** Exchanged at `POST /v1/join` for a token with a fresh identity. Carried in a link's fragment. */
export const InviteClaims = z.object({
  aud: z.literal('booth-invite'),
  jti: TokenId.optional(),
  exp: z.number().int(),
  booth: z.object({ room: RoomName, grants: z.array(Grant) }),
});
export type InviteClaims = z.infer<typeof InviteClaims>;
