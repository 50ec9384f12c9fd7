/**
 * Which of the words recognised so far will hardly change any more: those that stood unchanged for a while and have others
 * after them. Within a segment what was called stable stays so, even where the recogniser comes to another opinion.
 */

/** Measured on human prompts: of the words held so long, one in two hundred is another in the end. */
const HELD_MS = 500;
/** The last words still change with what comes next. */
const UNSETTLED_WORDS = 3;

export interface SplitWords {
  stable: readonly string[];
  tentative: readonly string[];
}

export class StablePrefix {
  #stable: string[] = [];
  #words: { text: string; sinceMs: number }[] = [];

  update(words: readonly string[], nowMs: number): SplitWords {
    let changed = false;
    this.#words = words.map((text, i) => {
      const before = this.#words[i];
      changed ||= before?.text !== text;
      return before && !changed ? before : { text, sinceMs: nowMs };
    });
    while (this.#stable.length < words.length - UNSETTLED_WORDS) {
      const next = this.#words[this.#stable.length];
      if (!next || nowMs - next.sinceMs < HELD_MS) break;
      this.#stable.push(next.text);
    }
    return { stable: this.#stable, tentative: words.slice(this.#stable.length) };
  }

  /** The next segment begins. */
  reset(): void {
    this.#stable = [];
    this.#words = [];
  }
}
