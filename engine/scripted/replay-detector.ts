/**
 * Recognises speech that was sent before on another session. It compares the beginnings of utterances: three words in a row, or all words
 * of a shorter utterance. It remembers the last 30,000 phrases.
 */
import { BoundedMap } from '../../collections/bounded-map.ts';

const MAX_ENTRIES = 30_000;
const MAX_PHRASE_WORDS = 3;
/** The vocabulary is small and phrases recur by chance: the shorter a phrase, the shorter it counts as a replay. */
const REPLAY_WITHIN_MS = [20_000, 60_000, 300_000];

export class ReplayDetector {
  readonly #phrases = new BoundedMap<string, { session: number; atMs: number }>(MAX_ENTRIES);
  readonly #utteranceNumbers = new BoundedMap<number, number>(MAX_ENTRIES);
  #utterances = 0;

  /** @param words the last words on that session */
  add(words: readonly string[], session: number, target: string, atMs: number): void {
    for (let length = 1; length <= Math.min(MAX_PHRASE_WORDS, words.length); length++) {
      this.#store(phraseKey(words.slice(-length), target), { session, atMs });
    }
  }

  /** @param words the first words of an utterance */
  isReplay(words: readonly string[], session: number, target: string, nowMs: number): boolean {
    const beginning = words.slice(0, MAX_PHRASE_WORDS);
    const before = this.#phrases.get(phraseKey(beginning, target));
    const within = REPLAY_WITHIN_MS[beginning.length - 1] ?? 0;
    return before !== undefined && before.session !== session && nowMs - before.atMs <= within;
  }

  /** The number of the utterance that starts with this sound: the same on every session. */
  utteranceOf(fingerprint: number): number {
    const known = this.#utteranceNumbers.get(fingerprint);
    if (known !== undefined) return known;
    this.#utteranceNumbers.set(fingerprint, this.#utterances);
    return this.#utterances++;
  }

  /** Within a minute, a phrase belongs to the session that sent it first. */
  #store(key: string, entry: { session: number; atMs: number }): void {
    const before = this.#phrases.get(key);
    if (before && before.session !== entry.session && entry.atMs - before.atMs < 60_000) return;
    this.#phrases.delete(key);
    this.#phrases.set(key, entry);
  }
}

const phraseKey = (words: readonly string[], target: string): string => `${target} ${words.join(' ')}`;
