/** The usage of the translation service by interpreters, and the budget that limits it. Days are in UTC. */
import { z } from 'zod';
import { LanguageCode } from './languages.ts';
import { SpeakerView } from './room-messages.ts';

const ms = z.number().nonnegative().max(86_400_000);
const tokens = z.number().int().nonnegative().max(1_000_000_000);

/** Milliseconds of audio sent. `replayed` was sent before, to a session that was lost; `silence` was added so that the service ends its segment. */
export const SentMs = z.object({ speech: ms, replayed: ms, silence: ms });
export type SentMs = z.infer<typeof SentMs>;

/** `total` is reported by the service and may be more than the sum of the parts. */
export const Tokens = z.object({
  inputAudio: tokens,
  inputImage: tokens,
  inputText: tokens,
  outputText: tokens,
  outputAudio: tokens,
  total: tokens,
});
export type Tokens = z.infer<typeof Tokens>;

/** `pictures`: how many were sent. */
export const UsageTotals = z.object({
  sentMs: SentMs,
  pictures: z.number().int().nonnegative().max(1_000_000_000),
  tokens: Tokens,
});
export type UsageTotals = z.infer<typeof UsageTotals>;

/** The usage of one speaker into one language. */
export const UsageEntry = UsageTotals.extend({
  speaker: SpeakerView.extend({ id: z.string().max(64), name: z.string().max(64) }),
  language: LanguageCode,
});
export type UsageEntry = z.infer<typeof UsageEntry>;

/** This many entries fit into one signalling message, whatever the names of the speakers. */
export const MAX_USAGE_ENTRIES = 32;

export const OnBudgetExceeded = z.enum(['captions', 'stop']);
export type OnBudgetExceeded = z.infer<typeof OnBudgetExceeded>;

/** Sent when 80 % or more of a budget are used, or half of it for pictures. */
export const BudgetNotice = z.object({
  level: z.enum(['within', 'near', 'reached']),
  /**
   * How interpreters limit themselves; each value includes the ones before it. `pictures`: no pictures any more; `captions`: captions
   * only, no voices; `stop`: nothing is sent.
   */
  restraint: z.enum(['none', 'pictures', 'captions', 'stop']),
  /** An explanation for people. */
  message: z.string(),
});
export type BudgetNotice = z.infer<typeof BudgetNotice>;
