/** What a screen reader says when it has time: each line is added once, and goes when it has long been said. */
import type { Spoken } from './spoken.ts';

export class LiveRegion {
  #said: readonly Spoken[] = [];

  /** Makes the children of an element those that are spoken; what is there already is not touched, or it would be said again. */
  show(spoken: readonly Spoken[], element: Element): void {
    for (const { text, language } of spoken.filter((one) => !this.#said.includes(one))) {
      const line = document.createElement('p');
      line.lang = language;
      line.textContent = text;
      element.append(line);
    }
    this.#said = spoken;
    while (element.childElementCount > spoken.length) element.firstElementChild?.remove();
  }
}
