/** Fields of `session.update` that several generations share, and the words in which a wrong one is refused. */
import { z } from 'zod';
import { LanguageCode } from '../../../protocol/languages.ts';
import type { TextUpdate } from './dialect.ts';

export const Modalities = z.array(z.enum(['text', 'audio'])).refine((list) => list.includes('text'), {
  error: `Invalid modalities. Supported combinations are: ['text'] and ['audio', 'text'].`,
});

export const Voice = z.string().min(1).max(128);

export const Translation = z.object(
  {
    language: z.string({ error: 'Invalid translation parameter: the target language is missing.' }).pipe(LanguageCode),
    corpus: z.object({ phrases: z.record(z.string(), z.string()).nullish() }).nullish(),
  },
  { error: 'Invalid translation parameter: { "language": … } is missing.' },
);

/** Speech as well as text, unless text alone was asked for. */
export const speaks = (modalities: readonly string[] | null | undefined): boolean =>
  (modalities ?? ['text', 'audio']).includes('audio');

export const modalitiesOf = (audio: boolean): string[] => (audio ? ['text', 'audio'] : ['text']);

/** Each replaces what was shown before. */
export const snapshot = (_sent: string, stable: string, tentative: string): TextUpdate => ({
  event: 'text',
  fields: { text: stable, stash: tentative },
});
