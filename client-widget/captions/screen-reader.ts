/** What a screen reader says of captions: finals in the first language of choice, never words that may still change. Pure. */
import type { LanguageCode, ReadLanguages } from '../../protocol/languages.ts';
import type { CaptionMessage } from '../../protocol/room-messages.ts';

export const CONTENT_FILTERED_TEXT = 'not translated: refused by the service';

/** The text to say of a caption; undefined: nothing. `refusal`: what is said of a translation that the service refused. */
export function announcementOf(
  { final, kind, language, speaker, stable, corrected, contentFiltered: refused }: CaptionMessage,
  reads: ReadLanguages,
  refusal: string,
) {
  const preferred = reads.find((read) => read !== 'original') ?? 'original';
  const isRead = preferred === 'original' ? kind === 'original' : language === preferred;
  if (!final || !isRead) return undefined;
  return [`${speaker.name}:`, corrected ?? stable, refused && `(${refusal})`].filter(Boolean).join(' ');
}

const MOST_SPOKEN = 3;

export function announce(region: Element, text: string, language: LanguageCode): void {
  const line = document.createElement('p');
  line.lang = language;
  line.textContent = text;
  region.append(line);
  if (region.childElementCount > MOST_SPOKEN) region.firstChild?.remove();
}
