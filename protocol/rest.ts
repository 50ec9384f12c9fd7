/** Bodies of the REST calls. Errors are RFC 9457 problem documents (`application/problem+json`). */
import { z } from 'zod';
import { Heard, LanguageCode } from './languages.ts';
import { SpeakerView } from './room-messages.ts';
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

/**
 * `GET /v1/rooms/{room}/captions` [subscribe]: server-sent events, each a room message. `original`: what everyone says, in the
 * language they say it in; a language: all that its caption channel carries.
 */
export const CaptionsQuery = z.object({ language: Heard });
/** The last event's name when the server ends the stream; its data is a {@link StreamEnd}. */
export const STREAM_END_EVENT = 'end';
export const StreamEnd = z.object({ code: z.string(), message: z.string() });
export type StreamEnd = z.infer<typeof StreamEnd>;

export const TranscriptFormat = z.enum(['json', 'txt', 'srt', 'vtt']);
export type TranscriptFormat = z.infer<typeof TranscriptFormat>;
/** `GET /v1/rooms/{room}/transcript` [subscribe]; `DELETE` [host, admin] takes none of these. */
export const TranscriptQuery = z.object({
  language: Heard,
  format: TranscriptFormat.default('json'),
  /** One of `meetings`; without it, the last. */
  meeting: z.string().max(32).optional(),
});

const span = { start: z.number(), end: z.number() };

export const TranscriptEntry = z.object({
  utterance: z.string(),
  speaker: SpeakerView,
  language: LanguageCode,
  kind: z.enum(['original', 'translation']),
  text: z.string(),
  /** Milliseconds since the meeting began: when it was heard, where a channel said it; else when it was said. */
  ...span,
  /** When it was said, where `start` and `end` tell when the translation was heard. */
  said: z.object(span).optional(),
  /** The channel did not say it, or not to its end. */
  skipped: z.literal(true).optional(),
  /** What readers saw, where `text` corrects it. */
  shown: z.string().optional(),
  /** The service would not translate what was said; the text ends here. */
  refused: z.literal(true).optional(),
  /** What a translation translates, where somebody read that too. */
  original: z.object({ utterance: z.string(), language: LanguageCode, text: z.string() }).optional(),
});
export type TranscriptEntry = z.infer<typeof TranscriptEntry>;

/** A meeting of a room of which there is a transcript. `began` is a date. */
export const MeetingView = z.object({ meeting: z.string(), began: z.string() });
export type MeetingView = z.infer<typeof MeetingView>;

export const Transcript = MeetingView.extend({
  room: RoomName,
  language: Heard,
  /** In the order in which they began. */
  entries: z.array(TranscriptEntry),
  /** All that are kept of this room, the oldest first. */
  meetings: z.array(MeetingView),
});
export type Transcript = z.infer<typeof Transcript>;
