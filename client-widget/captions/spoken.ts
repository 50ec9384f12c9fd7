/**
 * What a screen reader says of captions: finals in the first language of choice, once, never words that may still change. Pure.
 */
import type { LanguageCode, Read } from '../../protocol/languages.ts';
import type { Caption } from '../../protocol/room-messages.ts';

/** How many it may still have to say. */
const MOST_SPOKEN = 3;
export const REFUSED = 'not translated: refused by the service';

export interface Spoken {
  id: string;
  text: string;
  language: LanguageCode;
}

/** With another caption; the same where there is nothing to say. */
export function withSpoken(spoken: readonly Spoken[], caption: Caption, reads: Read): readonly Spoken[] {
  const preferred = reads.find((language) => language !== 'original') ?? 'original';
  const isRead = preferred === 'original' ? caption.kind === 'original' : caption.language === preferred;
  if (!caption.final || !isRead) return spoken;
  const { speaker, stable, corrected = stable, refused } = caption;
  const text = [`${speaker.name}:`, corrected, refused && `(${REFUSED})`].filter(Boolean).join(' ');
  const line = { id: `${caption.utterance} ${caption.language}`, text, language: caption.language };
  return [...spoken, line].slice(-MOST_SPOKEN);
}
