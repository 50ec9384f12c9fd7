/**
 * What was heard on which session, so that speech that comes again on another is known for a replay. The beginnings of
 * utterances are compared: three words in a row, or all of a shorter one. Holds the last 30,000 of them.
 */

const MAX_ENTRIES = 30_000;
const LONGEST = 3;
/** Words are few and come again by chance: the fewer in a row, the sooner it is one. */
const REMEMBERED_MS = [20_000, 60_000, 300_000];

export class ReplayDetector {
  readonly #phrases = new Map<string, { session: number; atMs: number }>();
  readonly #prints = new Map<number, number>();
  #utterances = 0;

  /** `words`: the last ones on that session. */
  add(words: readonly string[], session: number, target: string, atMs: number): void {
    for (let length = 1; length <= Math.min(LONGEST, words.length); length++) {
      this.#store(keyOf(words.slice(-length), target), { session, atMs });
    }
  }

  /** `words`: the first ones of an utterance. */
  isReplay(words: readonly string[], session: number, target: string, nowMs: number): boolean {
    const beginning = words.slice(0, LONGEST);
    const before = this.#phrases.get(keyOf(beginning, target));
    const within = REMEMBERED_MS[beginning.length - 1] ?? 0;
    return before !== undefined && before.session !== session && nowMs - before.atMs <= within;
  }

  /** Which utterance of the script begins with this sound: the same one whoever hears it. */
  utteranceOf(print: number): number {
    const known = this.#prints.get(print);
    if (known !== undefined) return known;
    if (this.#prints.size >= MAX_ENTRIES) this.#prints.clear();
    this.#prints.set(print, this.#utterances);
    return this.#utterances++;
  }

  /** The first who heard something is who a replay is told from. */
  #store(key: string, entry: { session: number; atMs: number }): void {
    const before = this.#phrases.get(key);
    if (before && before.session !== entry.session && entry.atMs - before.atMs < 60_000) return;
    this.#phrases.delete(key);
    this.#phrases.set(key, entry);
    const oldest = this.#phrases.keys().next();
    if (this.#phrases.size > MAX_ENTRIES && !oldest.done) this.#phrases.delete(oldest.value);
  }
}

const keyOf = (words: readonly string[], target: string): string => `${target} ${words.join(' ')}`;
