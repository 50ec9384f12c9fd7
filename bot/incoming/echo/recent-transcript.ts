/**
 * The text that a channel has spoken recently. An original that repeats it is the channel itself, picked up by a microphone and
 * recognised: where the echo suppressor could not tell by the sound, the words can. No timers, no sockets.
 *
 * Hard requirement: a text counts as an echo only if that cannot be chance: it has four words or more, and nearly all of them were
 * spoken by the channel in this order, while the text came in or up to 5 s before.
 */
import { BoundedMap } from '../../../collections/bounded-map.ts';
import { wordsOf } from '../../interpretation/text-overlap.ts';

/** How long after its end an utterance may still be repeated. */
const RECENT_MS = 5000;
const MIN_WORDS = 4;
/** The share of a text's words that the channel must have spoken. */
const MIN_SHARED_WORDS = 0.8;
const MAX_UTTERANCES = 64;

interface SpokenUtterance {
  text: string;
  state: 'waiting' | 'playing' | 'ended';
  endedMs: number;
}

export class RecentTranscript {
  /** The last utterances by id, oldest first. */
  readonly #utterances = new BoundedMap<string, SpokenUtterance>(MAX_UTTERANCES);

  /** Sets the text of an utterance, as far as it is known. */
  setText(utterance: string, text: string): void {
    const known = this.#utterances.get(utterance);
    if (known) known.text = text;
    else this.#utterances.set(utterance, { text, state: 'waiting', endedMs: 0 });
  }

  /** The channel has started to play the utterance. */
  started(utterance: string): void {
    const known = this.#utterances.get(utterance);
    if (known) known.state = 'playing';
  }

  /** The channel has played the utterance. */
  ended(utterance: string, nowMs: number): void {
    const known = this.#utterances.get(utterance);
    if (known?.state !== 'playing') return;
    known.state = 'ended';
    known.endedMs = nowMs;
  }

  /** Whether `text`, recognised at `nowMs`, repeats what the channel has spoken. */
  isRepeatedBy(text: string, nowMs: number): boolean {
    const words = wordsOf(text);
    if (words.length < MIN_WORDS) return false;
    const recent = [...this.#utterances.values()].filter(
      ({ state, endedMs }) => state === 'playing' || (state === 'ended' && nowMs - endedMs <= RECENT_MS),
    );
    const spoken = wordsOf(recent.map((utterance) => utterance.text).join(' '));
    return longestCommonSubsequence(words, spoken) >= MIN_SHARED_WORDS * words.length;
  }
}

/** How many words two texts have in common, in the same order. */
function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  let before: number[] = new Array(b.length + 1).fill(0);
  for (const word of a) {
    const now = [0];
    for (const [i, other] of b.entries())
      now.push(word === other ? (before[i] ?? 0) + 1 : Math.max(now[i] ?? 0, before[i + 1] ?? 0));
    before = now;
  }
  return before.at(-1) ?? 0;
}
