/** The bodies and queries of the REST calls. Errors are RFC 9457 problem documents (`application/problem+json`). */
import { z } from 'zod';
import { InterpreterStatsView } from './interpreter-stats.ts';
import { HeardLanguage, LanguageCode } from './languages.ts';
import { SpeakerView } from './room-messages.ts';
import { DisplayName, EngineView, PictureMode, RoomName } from './rooms.ts';
import { Grant, Identity } from './tokens.ts';
import { OnBudgetExceeded, UsageTotals } from './usage.ts';

export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  /** The problem and what the caller can do about it. */
  detail: z.string().optional(),
  code: z.string(),
});
export type Problem = z.infer<typeof Problem>;

/** The longest validity of a token or an invite of this server: 30 days. */
export const LONGEST_TTL_SECONDS = 2_592_000;

/** `GET /readyz`: whether the server can take people in, and why not. */
export const Readiness = z.object({ ready: z.boolean(), reasons: z.array(z.string()) });

/** `POST /v1/join`: an invite, or the credential of whoever runs the server, becomes a token. */
export const JoinRequest = z.object({
  room: RoomName,
  invite: z.string().max(4096).optional(),
  /** From `POST /v1/sign-in`; an invite goes first. */
  credential: z.string().max(256).optional(),
  name: DisplayName.optional(),
  /** The token of an earlier visit: its holder keeps their identity while it is valid. */
  earlier: z.string().max(8192).optional(),
});
export type JoinRequest = z.infer<typeof JoinRequest>;
/** `id`: `DELETE /v1/rooms/{room}/tokens/{id}` (host, admin) revokes it. */
export const JoinResponse = z.object({ token: z.string(), id: z.uuid(), identity: z.string(), expires: z.number() });
export type JoinResponse = z.infer<typeof JoinResponse>;

/** `POST /v1/sign-in-codes` (admin): a link that signs the browser which opens it first in as the operator's. */
export const SignInCodeRequest = z.object({ room: RoomName });
export const SignInCode = z.object({ code: z.string(), expires: z.number() });
export type SignInCode = z.infer<typeof SignInCode>;
export const SignInLink = SignInCode.extend({ link: z.string() });
export type SignInLink = z.infer<typeof SignInLink>;

/** `POST /v1/sign-in`: the code of such a link becomes, once, a credential for `POST /v1/join`. */
export const SignInRequest = z.object({
  code: z.string().max(256),
  /** A random text of whoever asks: the same code with the same text is answered by the same credential for 30 s, so that a page may be reloaded. */
  attempt: z.string().min(16).max(64).optional(),
});
export type SignInRequest = z.infer<typeof SignInRequest>;
export const SignInResponse = z.object({ credential: z.string(), expires: z.number() });
export type SignInResponse = z.infer<typeof SignInResponse>;

/** `POST /v1/rooms/{room}/tokens` (host, admin); only an admin can grant `admin` or `interpret`, or make somebody `hidden`. */
export const TokenRequest = z.object({
  identity: Identity,
  name: DisplayName.optional(),
  speaks: LanguageCode.optional(),
  hidden: z.boolean().optional(),
  grants: z.array(Grant).default(['publish', 'subscribe']),
  /** Seconds; default 3600, at most 30 days, and no longer than the token that asks for it. */
  ttl: z.number().int().positive().max(LONGEST_TTL_SECONDS).default(3600),
});
export type TokenRequest = z.input<typeof TokenRequest>;

/** `POST /v1/rooms/{room}/invites` (host, admin). */
export const InviteRequest = z.object({
  grants: z.array(Grant.exclude(['interpret', 'admin'])).default(['publish', 'subscribe']),
  /** Seconds; default a day, at most 30 days, and no longer than the token that asks for it. */
  ttl: z.number().int().positive().max(LONGEST_TTL_SECONDS).default(86_400),
});
/** `id`: `DELETE /v1/rooms/{room}/invites/{id}` (host, admin) revokes it, and every token that it was exchanged for. */
export const InviteResponse = z.object({ invite: z.string(), link: z.string(), id: z.uuid(), expires: z.number() });

/**
 * `POST /v1/rooms/{room}/revocations` (host, admin): revokes what is shown, whoever has signed it, or everything that was given for the
 * room before now: by a host what came from their own token, by an admin all of it.
 */
export const Revocation = z.union(
  [
    z.strictObject({ token: z.string().max(8192) }),
    z.strictObject({ invite: z.string().max(8192) }),
    z.strictObject({ everything: z.literal(true) }),
  ],
  'say what to revoke: {"token": …}, {"invite": …} or {"everything": true}',
);
export type Revocation = z.infer<typeof Revocation>;

/** The most that one interpreter may use in a day (UTC), within the account's budget. `money` is in the currency of the model's price list. */
export const InterpreterBudget = z
  .strictObject({
    money: z.number().positive().optional(),
    tokens: z.number().int().positive().optional(),
    /** Default: the account's. */
    onExceeded: OnBudgetExceeded.optional(),
  })
  .refine(({ money, tokens }) => money !== undefined || tokens !== undefined, 'a budget has money, tokens or both');
export type InterpreterBudget = z.infer<typeof InterpreterBudget>;

export const LONGEST_TERM = 200;
const Term = z.string().trim().min(1).max(LONGEST_TERM);

/** How a language is spoken and translated. */
export const LanguageSettings = z.strictObject({
  /** One of the model's voices. Default: the server's setting. */
  voice: z.string().min(1).max(64).optional(),
  /** Terms and their translations. */
  hotwords: z.record(Term, Term).optional(),
  /** False: captions only. */
  audio: z.boolean().optional(),
});
export type LanguageSettings = z.infer<typeof LanguageSettings>;

/** `POST /v1/rooms/{room}/interpreters` (host, admin): `auto` follows what people hear and read. */
export const InterpreterRequest = z.object({
  languages: z.union([
    z.literal('auto'),
    z
      .array(z.union([LanguageCode, LanguageSettings.extend({ code: LanguageCode })]))
      .min(1)
      .max(16),
  ]),
  /** With `auto`: only these languages. */
  allow: z.array(LanguageCode).min(1).max(16).optional(),
  /** The model that the server uses; another is refused. */
  model: z.string().max(128).optional(),
  /** Settings by language, also with `auto`; those in the list of languages go first. */
  languageSettings: z.record(LanguageCode, LanguageSettings).optional(),
  budget: InterpreterBudget.optional(),
  /** Default: `interpretation.pictures` in the configuration. */
  pictures: PictureMode.optional(),
});
export type InterpreterRequest = z.infer<typeof InterpreterRequest>;

/** `PATCH /v1/rooms/{room}/interpreters/{id}` (host, admin): replaces its budget; null: none. */
export const InterpreterChange = z.strictObject({ budget: InterpreterBudget.nullable() });
export type InterpreterChange = z.infer<typeof InterpreterChange>;

export const InterpreterView = z.object({
  id: z.string(),
  languages: z.union([z.literal('auto'), z.array(LanguageCode)]),
  /** Settings by language, where there are any. */
  languageSettings: z.record(LanguageCode, LanguageSettings).optional(),
  budget: InterpreterBudget.optional(),
  pictures: PictureMode,
  /** The pictures that were sent to the service from this room today, and what they cost. */
  shown: z.object({ pictures: z.number(), tokens: z.number(), money: z.number().optional() }).optional(),
  state: z.enum(['starting', 'running', 'restarting', 'failed', 'stopped']),
  message: z.string().optional(),
  /** Its place in the queue, from 1, where all computers that interpret have enough to do. */
  queuePlace: z.number().int().positive().optional(),
  /** Its last report; absent until it has sent one. */
  stats: InterpreterStatsView.optional(),
});
export type InterpreterView = z.infer<typeof InterpreterView>;
/** `GET /v1/rooms/{room}/interpreters/{id}/fence` (interpret): which run of an interpreter may speak in the room; 0: none has come yet. */
export const InterpreterFenceView = z.object({ fence: z.number().int().nonnegative() });
export type InterpreterFenceView = z.infer<typeof InterpreterFenceView>;
/** `GET /v1/rooms/{room}/interpreters` (host, admin): none or one. */
export const InterpreterList = z.object({ interpreters: z.array(InterpreterView) });

/** The price list by which costs are calculated. */
const PriceSource = z.object({ currency: z.enum(['USD', 'CNY']), asOf: z.string(), source: z.string() });

/** The expected cost of an interpreter. */
export const CostEstimate = z.object({
  /** The cost of an hour of one person's speech into one language, with voice or captions alone; absent: not known. */
  perHour: z.object({ voice: z.number(), captions: z.number() }).optional(),
  /** Absent if it costs nothing or the prices are not known. */
  prices: PriceSource.optional(),
  /** An explanation for people. */
  note: z.string(),
});
export type CostEstimate = z.infer<typeof CostEstimate>;

/** `GET /v1/languages`: what the running engine can do, and what everyone should know before they enter a room. */
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
      /** The voices that may be wished for; one or none: there is nothing to choose. */
      voices: z.array(z.object({ name: z.string(), accent: z.string().optional() })),
    }),
  ),
  /** How many terms may be given for a language, and how long each may be; absent: the engine takes none. */
  hotwords: z.object({ terms: z.number().int(), characters: z.number().int() }).optional(),
  estimate: CostEstimate,
  /** How long this server keeps transcripts, in rooms whose host has not switched them off; 0: it keeps none. */
  transcriptHours: z.number().nonnegative(),
});
export type LanguagesResponse = z.infer<typeof LanguagesResponse>;

/** `PATCH /v1/rooms/{room}` (host, admin); the answer is the room as everybody in it sees it. Holds for its later meetings, too. */
export const RoomSettingsChange = z
  .strictObject({
    /** Whether the waiting room is enabled. False also admits everybody who waits. */
    waitingRoom: z.boolean().optional(),
    /** Whether a transcript is kept from now on. */
    transcript: z.boolean().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'say what to change: waitingRoom, transcript or both');
export type RoomSettingsChange = z.infer<typeof RoomSettingsChange>;

/** `POST /v1/rooms/{room}/arrival`: between servers, the room moves here now, and this is how hosts have left it. */
export const RoomArrival = z.object({
  /** Identities that a host has removed while they may have been connected here already. */
  removed: z.array(Identity).max(1000),
  /** The sounds that a host has muted and nobody has unmuted, each as `identity source`. */
  muted: z.array(z.string().max(128)).max(1000),
  interpreter: z.object({
    /** Demand may launch one. */
    onDemand: z.boolean(),
    /** Absent: there is none. `requested`: by a host, not by demand. `used`: today, of its budget. */
    present: InterpreterView.pick({ languages: true, languageSettings: true, budget: true, pictures: true })
      .extend({ requested: z.boolean(), used: UsageTotals.optional() })
      .optional(),
  }),
});
export type RoomArrival = z.infer<typeof RoomArrival>;

/** `POST /v1/rooms` (admin). */
export const RoomRequest = z.object({ name: RoomName });

/** `readers`: how many read captions over HTTP. */
export const RoomSummary = z.object({
  name: RoomName,
  participants: z.number().int(),
  readers: z.number().int(),
  clock: z.number(),
});
export type RoomSummary = z.infer<typeof RoomSummary>;
/** `GET /v1/rooms` (admin). */
export const RoomList = z.object({ rooms: z.array(RoomSummary) });

/**
 * The kinds of usage that are paid for: `padding` is silence that is sent after speech, `replayed` is speech that was sent again, to another
 * session, `text` is received as captions and `voice` as speech.
 */
export const UsageKind = z.enum(['speech', 'padding', 'replayed', 'picture', 'text', 'voice']);
export type UsageKind = z.infer<typeof UsageKind>;

const Used = z.object({
  /** Seconds of audio that were sent. */
  seconds: z.number().optional(),
  /** The number of pictures that were sent. */
  count: z.number().optional(),
  tokens: z.number(),
  /** Absent: not known. */
  money: z.number().optional(),
});

export const UsageSum = Used.extend({ seconds: z.number(), kinds: z.record(UsageKind, Used) });
export type UsageSum = z.infer<typeof UsageSum>;

const usageHead = {
  /** The day in UTC, as `2026-03-26`. */
  day: z.string(),
  prices: PriceSource.optional(),
  /** An explanation for people: the price list used, or why the cost is not known. */
  note: z.string(),
  total: UsageSum,
};

/** The day in UTC, today or yesterday, as `2026-03-26`. Default: today. */
export const UsageQuery = z.object({ day: z.iso.date().optional() });

/** `GET /v1/rooms/{room}/usage?day=2026-03-26` (host, admin): today, or yesterday. */
export const RoomUsage = z.object({
  room: RoomName,
  ...usageHead,
  interpretations: z.array(
    UsageSum.extend({ speaker: z.object({ id: z.string(), name: z.string() }), language: LanguageCode }),
  ),
});
export type RoomUsage = z.infer<typeof RoomUsage>;

/** `GET /v1/usage?day=2026-03-26` (admin): of all rooms. */
export const AccountUsage = z.object({
  ...usageHead,
  rooms: z.array(z.object({ room: z.string(), tokens: z.number(), money: z.number().optional() })),
});
export type AccountUsage = z.infer<typeof AccountUsage>;

/**
 * `GET /v1/rooms/{room}/captions` (captions): server-sent events, each a room message. `original`: what everyone says, in the
 * language they say it in; a language: all that its caption channel carries.
 */
export const CaptionsQuery = z.object({ language: HeardLanguage });
/** The last event's name when the server ends the stream; its data is a {@link StreamEnd}. */
export const STREAM_END_EVENT = 'end';
export const StreamEnd = z.object({ code: z.string(), message: z.string() });
export type StreamEnd = z.infer<typeof StreamEnd>;

export const TranscriptFormat = z.enum(['json', 'txt', 'srt', 'vtt']);
export type TranscriptFormat = z.infer<typeof TranscriptFormat>;
/** `GET /v1/rooms/{room}/transcript` (captions); `DELETE` [host, admin] takes none of these. */
export const TranscriptQuery = z.object({
  language: HeardLanguage,
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
  /** The channel skipped its sound, or a part of it. */
  skipped: z.literal(true).optional(),
  /** The text that readers saw, if `text` corrects it. */
  shown: z.string().optional(),
  /** The service would not translate what was said; the text ends here. */
  contentFiltered: z.literal(true).optional(),
  /** The original of a translation, if somebody read that too. */
  original: z.object({ utterance: z.string(), language: LanguageCode, text: z.string() }).optional(),
});
export type TranscriptEntry = z.infer<typeof TranscriptEntry>;

/** A meeting of a room of which there is a transcript. `began` is a date. */
export const MeetingView = z.object({ meeting: z.string(), began: z.string() });
export type MeetingView = z.infer<typeof MeetingView>;

export const Transcript = MeetingView.extend({
  room: RoomName,
  language: HeardLanguage,
  /** The utterances in the order in which they started. */
  entries: z.array(TranscriptEntry),
  /** All meetings of this room whose transcripts are stored, the oldest first. */
  meetings: z.array(MeetingView),
});
export type Transcript = z.infer<typeof Transcript>;
