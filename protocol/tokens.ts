/** What a Booth token (HS256 JWT) and an invite say. A token never stands in a path or a query. */
import { z } from 'zod';
import { LanguageCode } from './languages.ts';
import { DisplayName, RoomName } from './rooms.ts';

export const Grant = z.enum(['publish', 'subscribe', 'interpret', 'host', 'admin']);
export type Grant = z.infer<typeof Grant>;

export const Identity = z.string().min(1).max(64);

export const Claims = z.object({
  sub: Identity,
  exp: z.number().int(),
  booth: z.object({
    room: RoomName,
    name: DisplayName.optional(),
    speaks: LanguageCode.optional(),
    hidden: z.boolean().optional(),
    grants: z.array(Grant),
  }),
});
export type Claims = z.infer<typeof Claims>;

/** Exchanged at `POST /v1/join` for a token with a fresh identity. Carried in a link's fragment. */
export const InviteClaims = z.object({
  aud: z.literal('booth-invite'),
  exp: z.number().int(),
  booth: z.object({ room: RoomName, grants: z.array(Grant) }),
});
export type InviteClaims = z.infer<typeof InviteClaims>;
