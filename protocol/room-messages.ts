/**
 * What an interpreter says in text: captions, playout and status, as JSON on the data channel of a language (label
 * `captions`, reliable, ordered) and as the body of the server-sent events. Times are milliseconds since the room began.
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
  /** Only grows within an utterance, the final included. */
  stable: z.string(),
  /** May change or go with the next message. */
  tentative: z.string().optional(),
  /** True once per utterance, in its last message. */
  final: z.boolean(),
  /** When it was said. */
  start: z.number(),
  end: z.number().optional(),
  /** A translation's original: the utterance that it translates. */
  sourceUtterance: z.string().optional(),
  /** The whole text, where the engine's last word contradicts what `stable` had already shown. */
  corrected: z.string().optional(),
  /** With `final`: the service would not translate what was said; the text ends here. */
  contentFiltered: z.literal(true).optional(),
});
export type CaptionMessage = z.infer<typeof CaptionMessage>;

/** Whose translation sounds on this language's channel now. */
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

/** How the interpretation of one speaker into this language is doing. */
export const StatusMessage = z.object({
  ...envelope,
  type: z.literal('status'),
  state: InterpretationState,
  /** For people: why it waits or is unavailable, and what Booth does about it. */
  message: z.string().optional(),
  /** How much speech waits to be played, in milliseconds. */
  queueMs: z.number().nonnegative(),
  /** The ear-voice span: from when they began to say what sounded last to when its translation began to sound, in milliseconds. */
  earVoiceSpanMs: z.number().nonnegative().optional(),
  /** How many hear or read this language. */
  listeners: z.number().int().nonnegative(),
  /** How many pictures the service was shown so far, where it looks at any. */
  pictures: z.number().int().nonnegative().optional(),
});
export type StatusMessage = z.infer<typeof StatusMessage>;

export const RoomMessage = z.discriminatedUnion('type', [CaptionMessage, PlayoutMessage, StatusMessage]);
export type RoomMessage = z.infer<typeof RoomMessage>;

/** A longer room message is a defect of its sender; receivers drop it. */
export const MAX_ROOM_MESSAGE_BYTES = 16_384;
/** The label of the data channels that carry room messages. */
export const CAPTIONS_LABEL = 'captions';
