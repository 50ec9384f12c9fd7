/**
 * What webhooks tell another application: a message for each event, by the Standard Webhooks specification
 * (https://www.standardwebhooks.com). `sequence` counts the messages of one endpoint, from 1: a gap tells that messages were given up.
 */
import { z } from 'zod';
import { LanguageCode } from './languages.ts';
import { InterpreterView } from './rest.ts';
import { SpeakerView } from './room-messages.ts';
import { RoomName } from './rooms.ts';
import { OnBudgetExceeded } from './usage.ts';

const inRoom = {
  room: RoomName,
  /** Tells this opening of the room from an earlier or later one of the same name. */
  instance: z.string(),
};

/** Somebody in a room: a person, or an interpreter. Who reads captions over HTTP is no participant. */
export const WebhookParticipant = z.object({
  id: z.string(),
  /** The `sub` of their token. */
  identity: z.string(),
  name: z.string(),
  kind: z.enum(['person', 'interpreter']),
});

export type WebhookParticipant = z.infer<typeof WebhookParticipant>;

/** Money is in the currency of the model's price list. */
const Spending = {
  spent: z.object({ tokens: z.number(), money: z.number().optional() }),
  budget: z.object({ tokens: z.number().optional(), money: z.number().optional(), onExceeded: OnBudgetExceeded }),
};

const BudgetThreshold = z.object({
  /** `account`: all interpreters together; `interpreter`: one, by its own budget. */
  scope: z.enum(['account', 'interpreter']),
  interpreter: z.string().optional(),
  room: RoomName.optional(),
  /** The day of the budget in UTC, as `2026-03-26`. */
  day: z.string(),
  ...Spending,
});

/** The data of each event, by its type. */
export const webhookData = {
  'room.started': z.object(inRoom),
  'room.ended': z.object({
    ...inRoom,
    durationMs: z.number().nonnegative(),
    /** For people. */
    reason: z.string(),
    /** False: the meeting goes on, in the same transcript, when somebody comes back within an hour. */
    meetingOver: z.boolean(),
  }),
  'participant.joined': z.object({ ...inRoom, participant: WebhookParticipant }),
  'participant.left': z.object({
    ...inRoom,
    participant: WebhookParticipant,
    /** `left`: they went, or their connection was lost for good. */
    reason: z.enum(['left', 'removed', 'replaced', 'revoked', 'roomEnded']),
  }),
  'interpreter.state': z.object({
    ...inRoom,
    interpreter: z.string(),
    state: InterpreterView.shape.state,
    /** For people: what failed, and what happens next. */
    message: z.string().optional(),
  }),
  'caption.final': z.object({
    ...inRoom,
    /** An utterance's id is unique for one interpreter alone. */
    interpreter: z.string(),
    utterance: z.string(),
    language: LanguageCode,
    kind: z.enum(['original', 'translation']),
    speaker: SpeakerView,
    text: z.string(),
    /** Milliseconds since the room was opened. */
    start: z.number(),
    end: z.number().optional(),
    /** The utterance that a translation translates. */
    sourceUtterance: z.string().optional(),
    /** The service would not translate all that was said. */
    contentFiltered: z.literal(true).optional(),
  }),
  'transcript.ready': z.object({
    room: RoomName,
    /** The `meeting` of `GET /v1/rooms/{room}/transcript`. */
    meeting: z.string(),
    began: z.iso.datetime(),
  }),
  'budget.near': BudgetThreshold,
  'budget.reached': BudgetThreshold,
} as const;

export type WebhookEventType = keyof typeof webhookData;
export type WebhookData<T extends WebhookEventType> = z.infer<(typeof webhookData)[T]>;

/** What people read about each event in the documentation. */
export const webhookSummaries: Readonly<Record<WebhookEventType, string>> = {
  'room.started': 'A room was opened',
  'room.ended': 'A room was closed',
  'participant.joined': 'Somebody came into a room',
  'participant.left': 'Somebody is no longer in a room',
  'interpreter.state': 'An interpreter that the server launched starts, runs, restarts, has failed or was stopped',
  'caption.final': 'An utterance was captioned to its end, while the room keeps a transcript',
  'transcript.ready': 'The transcript of a meeting that is over is complete',
  'budget.near': '80 % of a daily budget are used',
  'budget.reached': 'All of a daily budget is used',
};

export const WebhookEventType = z.enum(Object.keys(webhookData) as [WebhookEventType, ...WebhookEventType[]]);

/** The events of an endpoint that names none: all but captions, which are many and are what people said. */
export const defaultWebhookEvents: readonly WebhookEventType[] = WebhookEventType.options.filter(
  (type) => type !== 'caption.final',
);

/** The body of a message of one type. */
export const webhookPayload = <T extends WebhookEventType>(type: T) =>
  z.object({
    type: z.literal(type),
    /** When it happened. The header `webhook-timestamp` tells when it was sent. */
    timestamp: z.iso.datetime(),
    /** Counts the messages of this endpoint, from 1, also over restarts. */
    sequence: z.number().int().positive(),
    data: webhookData[type],
  });

/** The body of any message. */
export type WebhookPayload = {
  [T in WebhookEventType]: { type: T; timestamp: string; sequence: number; data: WebhookData<T> };
}[WebhookEventType];

/** What happened, before it is a message of an endpoint. */
export type WebhookEvent = {
  [T in WebhookEventType]: { type: T; timestamp: string; data: WebhookData<T> };
}[WebhookEventType];

/** `GET /v1/webhooks` (admin): how an endpoint is doing. */
export const WebhookEndpointView = z.object({
  id: z.string(),
  /** Without its query, which may be a secret. */
  url: z.string(),
  events: z.array(WebhookEventType),
  /** `failing`: the last attempt failed, and another follows; `disabled`: it has answered 410, and nothing is sent until it is enabled. */
  state: z.enum(['ok', 'failing', 'disabled']),
  /** Messages that wait. */
  queued: z.number().int(),
  /** Since the server started. */
  delivered: z.number().int(),
  /** Messages that were given up since the server started. */
  abandoned: z.number().int(),
  /** Why the last attempt failed; absent: it did not. */
  problem: z.string().optional(),
});
export type WebhookEndpointView = z.infer<typeof WebhookEndpointView>;
export const WebhookList = z.object({ endpoints: z.array(WebhookEndpointView) });

/** `PATCH /v1/webhooks/{id}` (admin): an endpoint that has answered 410 is sent messages again. */
export const WebhookChange = z.strictObject({ enabled: z.literal(true) });
