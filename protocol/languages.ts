/** A language as BCP 47 writes it, lower-case primary subtag first: `en`, `zh`, `yue`, `pt-BR`. */
import { z } from 'zod';

export const LanguageCode = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$/, 'a language is a code such as "en", "es" or "yue"');
export type LanguageCode = z.infer<typeof LanguageCode>;

/** The channel that a participant listens to: a language, or `original` for the floor. */
export const HeardLanguage = z.union([z.literal('original'), LanguageCode], {
  error: '"original", or a language such as "es"',
});
export type HeardLanguage = z.infer<typeof HeardLanguage>;

/** The captions that a participant reads: languages, or `original` for the words as they were spoken. At most 4. */
export const ReadLanguages = z.array(z.union([z.literal('original'), LanguageCode])).max(4);
export type ReadLanguages = z.infer<typeof ReadLanguages>;
