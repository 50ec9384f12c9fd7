/** What was said in one go, and its translation. */
import { z } from 'zod';

export const TranslatedUtterance = z.strictObject({
  /** Milliseconds from the beginning of the recording. */
  startMs: z.number(),
  endMs: z.number(),
  source: z.string(),
  translation: z.string(),
  /** Where its voice is among the samples of all voices of the language. */
  voice: z.strictObject({ offset: z.number().int(), length: z.number().int() }).optional(),
});
export type TranslatedUtterance = z.infer<typeof TranslatedUtterance>;

/** Takes what comes of the translation into one language. */
export interface TranslationRecord {
  /** Keeps samples of the voice. @returns the number of samples that were kept before them */
  addVoice(samples: Int16Array): number;
  /** @param doneMs the recording is translated up to here: who resumes begins here */
  add(utterance: TranslatedUtterance, doneMs: number): void;
}

/** Keeps nothing: what comes is printed alone. */
export const noRecord: TranslationRecord = { addVoice: () => 0, add() {} };
