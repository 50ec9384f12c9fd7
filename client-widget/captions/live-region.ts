/** What a screen reader says when it has time: each line is added once, and goes when three have come after it. */
import type { LanguageCode } from '../../protocol/languages.ts';

const MOST_SPOKEN = 3;

export function announce(region: Element, text: string, language: LanguageCode): void {
  const line = document.createElement('p');
  line.lang = language;
  line.textContent = text;
  region.append(line);
  if (region.childElementCount > MOST_SPOKEN) region.firstChild?.remove();
}
