/** A language as BCP 47 writes it, lower-case primary subtag first: `en`, `zh`, `yue`, `pt-BR`. */
import { z } from 'zod';

export const LanguageCode = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$/, 'a language is a code such as "en", "es" or "yue"');
export type LanguageCode = z.infer<typeof LanguageCode>;

/** What a participant listens to: the floor as it is, or a language's channel. */
export const HeardLanguage = z.union([z.literal('original'), LanguageCode], {
  error: '"original", or a language such as "es"',
});
export type HeardLanguage = z.infer<typeof HeardLanguage>;

/** What a participant reads: `original` is what every speaker said, in the language they said it in. At most 4. */
export const ReadLanguages = z.array(z.union([z.literal('original'), LanguageCode])).max(4);
export type ReadLanguages = z.infer<typeof ReadLanguages>;
