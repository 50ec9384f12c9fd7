/**
 * What a channel has just said, in words: an original that repeats it is the channel itself, heard by a microphone and understood.
 * Where the sound could not tell, the words do. Pure.
 *
 * Hard requirement: only what cannot be chance is taken for an echo: four words or more, nearly all of them said on the channel in
 * this order, while it sounded or within 5 s after.
 */
import { wordsOf } from '../../interpretation/text-overlap.ts';

const LATELY_MS = 5000;
const FEWEST_WORDS = 4;
const ALIKE = 0.8;
const MOST_UTTERANCES = 64;

interface Said {
  text: string;
  state: 'waits' | 'sounds' | 'ended';
  endedMs: number;
}

export class RecentTranscript {
  /** By utterance, oldest first. */
  readonly #said = new Map<string, Said>();

  /** What an utterance says, as far as is known. */
  text(utterance: string, text: string): void {
    const said = this.#said.get(utterance) ?? { text, state: 'waits', endedMs: 0 };
    said.text = text;
    this.#said.set(utterance, said);
    const [oldest] = this.#said.keys();
    if (this.#said.size > MOST_UTTERANCES && oldest !== undefined) this.#said.delete(oldest);
  }

  sounds(utterance: string): void {
    const said = this.#said.get(utterance);
    if (said) said.state = 'sounds';
  }

  ended(utterance: string, nowMs: number): void {
    const said = this.#said.get(utterance);
    if (said?.state !== 'sounds') return;
    said.state = 'ended';
    said.endedMs = nowMs;
  }

  isRepeatedBy(text: string, nowMs: number): boolean {
    const words = wordsOf(text);
    if (words.length < FEWEST_WORDS) return false;
    const lately = [...this.#said.values()].filter(
      ({ state, endedMs }) => state === 'sounds' || (state === 'ended' && nowMs - endedMs <= LATELY_MS),
    );
    return inCommon(words, wordsOf(lately.map((said) => said.text).join(' '))) >= ALIKE * words.length;
  }
}

/** How many words two texts have in common, in the same order. */
function inCommon(a: readonly string[], b: readonly string[]): number {
  let before: number[] = new Array(b.length + 1).fill(0);
  for (const word of a) {
    const now = [0];
    for (const [i, other] of b.entries())
      now.push(word === other ? (before[i] ?? 0) + 1 : Math.max(now[i] ?? 0, before[i + 1] ?? 0));
    before = now;
  }
  return before.at(-1) ?? 0;
}
