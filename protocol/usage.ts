/** What interpreters take of a translation service, and the budget that bounds it. Days are those of UTC. */
import { z } from 'zod';
import { LanguageCode } from './languages.ts';
import { SpeakerView } from './room-messages.ts';

const ms = z.number().nonnegative().max(86_400_000);
const tokens = z.number().int().nonnegative().max(1_000_000_000);

/** Milliseconds of audio sent. `replayed` was sent before, to a session that was lost; `silence` was added so that the service ends its segment. */
export const SentMs = z.object({ speech: ms, replayed: ms, silence: ms });
export type SentMs = z.infer<typeof SentMs>;

/** `total` as the service tells it, which may be more than its parts. */
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

/** What one speaker into one language took. */
export const UsageEntry = UsageTotals.extend({
  speaker: SpeakerView.extend({ id: z.string().max(64), name: z.string().max(64) }),
  language: LanguageCode,
});
export type UsageEntry = z.infer<typeof UsageEntry>;

/** So many fit into one signalling message whatever the speakers are called. */
export const MAX_USAGE_ENTRIES = 32;

export const OnBudgetExceeded = z.enum(['captions', 'stop']);
export type OnBudgetExceeded = z.infer<typeof OnBudgetExceeded>;

/** A budget of which 80 % or more are used, or half of it for pictures. */
export const BudgetNotice = z.object({
  level: z.enum(['within', 'near', 'reached']),
  /** What interpreters do about it, each as well as the one before: `pictures`: they look at none; `captions`: no voices; `stop`: nothing is sent. */
  restraint: z.enum(['none', 'pictures', 'captions', 'stop']),
  /** For people. */
  message: z.string(),
});
export type BudgetNotice = z.infer<typeof BudgetNotice>;
