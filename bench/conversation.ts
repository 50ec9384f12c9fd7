/**
 * Generates a conversation: turns of several sentences with pauses, backchannels ("yes"), overlaps, simultaneous starts and silences.
 * Pure: the same seed gives the same conversation.
 */
import { Random } from '../engine/scripted/random.ts';
import { WORD_MS } from '../engine/scripted/tone-words.ts';

/** A sentence, spoken without a pause. */
export interface Sentence {
  atMs: number;
  speaker: number;
  words: number;
}

export interface Conversation {
  people: number;
  minutes: number;
  seed: number;
}

const MOST_SENTENCES = 5;
const PAUSE_MS: Range = [300, 1200];
const BACKCHANNELS = 0.2;
const OVERLAPS = 0.2;
const OVERLAP_MS: Range = [200, 1000];
const SILENCES = 0.08;
const SILENCE_MS: Range = [4000, 20_000];
const GAP_MS: Range = [100, 1500];
/** The probability that two people start at the same time; one of them stops after a sentence. */
const COLLISIONS = 0.05;

type Range = readonly [from: number, to: number];

/** @returns sentences in the order in which they start */
export function conversation({ people, minutes, seed }: Conversation): Sentence[] {
  const random = new Random(seed);
  const sentences: Sentence[] = [];
  const another = (than: number): number => (than + random.between(1, people - 1)) % people;
  const says = (speaker: number, atMs: number, words: number): number => {
    sentences.push({ atMs, speaker, words });
    return atMs + words * WORD_MS;
  };
  let nowMs = 0;
  for (let speaker = 0; nowMs < minutes * 60_000; speaker = another(speaker)) {
    if (random.chance(COLLISIONS)) says(another(speaker), nowMs, random.between(2, 8));
    for (let left = random.between(1, MOST_SENTENCES); left > 0; left--) {
      const beganMs = nowMs;
      nowMs = says(speaker, beganMs, random.between(3, 14));
      if (random.chance(BACKCHANNELS)) says(another(speaker), random.between(beganMs, nowMs), random.between(1, 2));
      if (left > 1) nowMs += random.between(...PAUSE_MS);
    }
    if (random.chance(OVERLAPS)) nowMs -= random.between(...OVERLAP_MS);
    else nowMs += random.between(...(random.chance(SILENCES) ? SILENCE_MS : GAP_MS));
  }
  return sentences.sort((a, b) => a.atMs - b.atMs);
}
