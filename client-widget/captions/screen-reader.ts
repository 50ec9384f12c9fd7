/** Announcements for screen readers: final captions in the first language that is read, never tentative words. */
import type { CaptionMessage, LanguageCode, ReadLanguages } from '@mediasoup-booth/protocol';

export const CONTENT_FILTERED_TEXT = 'not translated: refused by the service';

/** The announcement of a caption; undefined where there is none. `refusal`: the text for a translation that the content filter refused. */
export function announcementOf(
  { final, kind, language, speaker, stable, corrected, contentFiltered: refused }: CaptionMessage,
  reads: ReadLanguages,
  refusal: string,
) {
  const preferred = reads.find((read) => read !== 'original') ?? 'original';
  const isRead = preferred === 'original' ? kind === 'original' : language === preferred;
  if (!final || !isRead) return undefined;
  const words = [(corrected ?? stable).trim(), refused && `(${refusal})`].filter(Boolean);
  return words.length > 0 ? [`${speaker.name}:`, ...words].join(' ') : undefined;
}

/** The number of announcements that stay in the live region. */
const MOST_SPOKEN = 3;

/** Announces a text when the screen reader has time: each text is added once, and removed when three have followed it. */
export function announce(region: Element, text: string, language: LanguageCode): void {
  const line = document.createElement('p');
  line.lang = language;
  line.textContent = text;
  region.append(line);
  if (region.childElementCount > MOST_SPOKEN) region.firstChild?.remove();
}
