/**
 * The messages of an interpreter: captions, playout and status, as JSON on the data channel of a language (label `captions`, reliable,
 * ordered) and as the data of the server-sent events. Times are milliseconds since the room was opened.
 */
import { z } from 'zod';
import { LanguageCode } from './languages.ts';

export const SpeakerView = z.object({ id: z.string(), name: z.string() });
export type SpeakerView = z.infer<typeof SpeakerView>;

const envelope = {
  v: z.literal(1),
  /** Counts the messages of one interpreter in one language, from 1. */
  seq: z.number().int().positive(),
  /** The language of the channel that carries the message. */
  language: LanguageCode,
  speaker: SpeakerView,
};

export const CaptionMessage = z.object({
  ...envelope,
  type: z.literal('caption'),
  utterance: z.string(),
  kind: z.enum(['original', 'translation']),
  /** The stable text. It only grows within an utterance, the final message included. */
  stable: z.string(),
  /** The text after `stable` that the next message may change or drop. */
  tentative: z.string().optional(),
  /** True once per utterance, in its last message. */
  final: z.boolean(),
  /** When the utterance was said. */
  start: z.number(),
  end: z.number().optional(),
  /** The utterance that a translation translates. */
  sourceUtterance: z.string().optional(),
  /** The whole text, where the final result contradicts what `stable` had already shown. */
  corrected: z.string().optional(),
  /** With `final`: the service's content filter refused to translate the rest. */
  contentFiltered: z.literal(true).optional(),
});
export type CaptionMessage = z.infer<typeof CaptionMessage>;

/** Playout of an utterance on this language's voice channel. */
export const PlayoutMessage = z.object({
  ...envelope,
  type: z.literal('playout'),
  utterance: z.string(),
  state: z.enum(['started', 'ended', 'skipped']),
  at: z.number(),
});
export type PlayoutMessage = z.infer<typeof PlayoutMessage>;

export const InterpretationState = z.enum([
  'waiting',
  'listening',
  'translating',
  'speaking',
  'reconnecting',
  'overBudget',
  'unavailable',
]);
export type InterpretationState = z.infer<typeof InterpretationState>;

/**
 * Why an interpretation is not as it should be, for programs that say it in their own words.
 *
 * - `serviceRefused`: the service cannot be used, as for a key that it refuses; the operator has to act.
 * - `serviceFailed`: the service does not answer, or lost the connection; it is tried again.
 * - `connectionLimit`: the service allows few connections in a minute, and the next one is waited for.
 * - `behind`: the service cannot keep up; what is said waits.
 * - `speechLost`: some speech is not translated.
 * - `microphoneLost`: the speaker's microphone does not reach the interpreter.
 * - `captionsOnly`: there is no voice, at present or in this language.
 * - `busy`: the interpreter's computer is busy with others; it is interpreted later.
 * - `notTranslated`: this is not translated into the language, as what is spoken is not understood.
 * - `ended`: the room is not interpreted any more.
 */
export const StatusReason = z.enum([
  'serviceRefused',
  'serviceFailed',
  'connectionLimit',
  'behind',
  'speechLost',
  'microphoneLost',
  'captionsOnly',
  'busy',
  'notTranslated',
  'ended',
]);
export type StatusReason = z.infer<typeof StatusReason>;

/** The state of the interpretation of one speaker into this language. */
export const StatusMessage = z.object({
  ...envelope,
  type: z.literal('status'),
  state: InterpretationState,
  /** An explanation for people: why it waits or is unavailable, and what Booth does next. */
  message: z.string().optional(),
  /** What `message` says, as a code; absent where it has none, and from older interpreters. */
  reason: StatusReason.optional(),
  /** Milliseconds of speech that wait to be played. */
  queueMs: z.number().nonnegative(),
  /** The ear-voice span of the last utterance: milliseconds from the start of speech to the start of its translation. */
  earVoiceSpanMs: z.number().nonnegative().optional(),
  /** How many people hear or read this language. */
  listeners: z.number().int().nonnegative(),
  /** How many pictures were sent to the service so far, where it takes any. */
  pictures: z.number().int().nonnegative().optional(),
});
export type StatusMessage = z.infer<typeof StatusMessage>;

export const RoomMessage = z.discriminatedUnion('type', [CaptionMessage, PlayoutMessage, StatusMessage]);
export type RoomMessage = z.infer<typeof RoomMessage>;

/** Receivers drop a longer room message: it is a defect of its sender. */
export const MAX_ROOM_MESSAGE_BYTES = 16_384;
/** The label of the data channels that carry room messages. */
export const CAPTIONS_LABEL = 'captions';
