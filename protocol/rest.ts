/** Bodies of the REST calls. Errors are RFC 9457 problem documents (`application/problem+json`). */
import { z } from 'zod';
import { LanguageCode } from './languages.ts';
import { DisplayName, EngineView, RoomName } from './rooms.ts';
import { Grant, Identity } from './tokens.ts';

export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  /** What happened and what the caller can do. */
  detail: z.string().optional(),
  code: z.string(),
});
export type Problem = z.infer<typeof Problem>;

/** `POST /v1/join`: an invite, or (in development, from this computer) nothing, becomes a token. */
export const JoinRequest = z.object({
  room: RoomName,
  invite: z.string().max(4096).optional(),
  name: DisplayName.optional(),
});
export type JoinRequest = z.infer<typeof JoinRequest>;
export const JoinResponse = z.object({ token: z.string(), identity: z.string(), expires: z.number() });
export type JoinResponse = z.infer<typeof JoinResponse>;

/** `POST /v1/rooms/{room}/tokens` [host, admin]; a host cannot grant `admin`. */
export const TokenRequest = z.object({
  identity: Identity,
  name: DisplayName.optional(),
  speaks: LanguageCode.optional(),
  hidden: z.boolean().optional(),
  grants: z.array(Grant).default(['publish', 'subscribe']),
  /** Seconds; default 3600, at most 30 days. */
  ttl: z.number().int().positive().max(2_592_000).default(3600),
});
export type TokenRequest = z.input<typeof TokenRequest>;

/** `POST /v1/rooms/{room}/invites` [host, admin]. */
export const InviteRequest = z.object({
  grants: z.array(z.enum(['publish', 'subscribe', 'host'])).default(['publish', 'subscribe']),
  /** Seconds; default a day, at most 30 days. */
  ttl: z.number().int().positive().max(2_592_000).default(86_400),
});
export const InviteResponse = z.object({ invite: z.string(), link: z.string() });

/** `POST /v1/rooms/{room}/interpreters` [host, admin]: `auto` follows what people hear and read. */
export const InterpreterRequest = z.object({
  languages: z.union([z.literal('auto'), z.array(LanguageCode).min(1).max(16)]),
});
export type InterpreterRequest = z.infer<typeof InterpreterRequest>;

export const InterpreterView = z.object({
  id: z.string(),
  languages: InterpreterRequest.shape.languages,
  state: z.enum(['starting', 'running', 'restarting', 'failed', 'stopped']),
  message: z.string().optional(),
});
export type InterpreterView = z.infer<typeof InterpreterView>;

/** `GET /v1/languages`: what the running engine can do. */
export const LanguagesResponse = z.object({
  engine: EngineView,
  /** Languages it understands. */
  sources: z.array(LanguageCode),
  targets: z.array(
    z.object({
      code: LanguageCode,
      /** False: captions only. */
      audio: z.boolean(),
      /** The sources that it can be translated from. */
      from: z.array(LanguageCode),
    }),
  ),
});
export type LanguagesResponse = z.infer<typeof LanguagesResponse>;

export const RoomSummary = z.object({ name: RoomName, participants: z.number().int(), clock: z.number() });
export type RoomSummary = z.infer<typeof RoomSummary>;
