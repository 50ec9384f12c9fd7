/**
 * Somebody talks for long, and what their translation sounds like when it arrives: phrases between pauses, each cut after 15 s, its
 * words one after the other at four times the pace of speech, as the simulated vendor sends them. Pure and repeatable.
 */
import { Random } from '../engine/scripted/random.ts';
import { vocabulary } from '../engine/scripted/tone-words.ts';
import { wordAudio } from '../engine/scripted/word-audio.ts';
import type { Arrival } from './lag.ts';

const WORD_MS = 300;
const PACE = 4;
const LATENCY_MS = 300;
/** A phrase without a pause is cut after so many. */
const LONGEST_PHRASE_WORDS = 15_000 / WORD_MS;
/** What the vendor takes for the end of a phrase. */
const CLOSED_AFTER_MS = 800;

export interface Monologue {
  minutes: number;
  /** Share of the time in which nothing is said. */
  pauses: number;
  /** How long the translation is against what it translates. */
  ratio: number;
  /** Whether the vendor translates while a phrase is spoken, or after it. */
  translates: 'meanwhile' | 'after';
  /** The mean of a pause, which is never shorter than 800 ms; between two of them somebody talks without any. */
  pauseMs?: number;
  seed?: number;
}

interface Phrase {
  words: number;
  beginsMs: number;
  /** When the vendor knows that it is over. */
  closedMs: number;
}

export function* monologue({ ratio, translates, ...speech }: Monologue): Generator<Arrival> {
  const speaker = { id: 'ann', name: 'Ann' };
  const wordMs = WORD_MS * ratio;
  let sentMs = 0;
  let phrases = 0;
  let said = 0;
  for (const { words, beginsMs, closedMs } of phrasesOf(speech)) {
    const utterance = { id: `u${phrases++}`, speaker };
    for (let i = 1; i <= words; i++) {
      const knownMs = translates === 'meanwhile' ? beginsMs + i * WORD_MS : closedMs;
      sentMs = Math.max(sentMs + wordMs / PACE, knownMs + LATENCY_MS);
      const samples = wordAudio(vocabulary[said++ % vocabulary.length] ?? '', wordMs);
      yield { atMs: sentMs, utterance, saidMs: beginsMs, samples, last: i === words };
    }
  }
}

function* phrasesOf({ minutes, pauses, pauseMs = 1200, seed = 1 }: Omit<Monologue, 'ratio' | 'translates'>) {
  const random = new Random(seed);
  const talkMs = (pauseMs * (1 - pauses)) / pauses;
  for (let nowMs = 0; nowMs < minutes * 60_000; ) {
    let left = Math.round(random.between(0.3 * talkMs, 1.7 * talkMs) / WORD_MS);
    const silenceMs = random.between(CLOSED_AFTER_MS, 2 * pauseMs - CLOSED_AFTER_MS);
    while (left > 0) {
      const words = Math.min(left, LONGEST_PHRASE_WORDS);
      left -= words;
      const endsMs = nowMs + words * WORD_MS;
      yield { words, beginsMs: nowMs, closedMs: left > 0 ? endsMs : endsMs + CLOSED_AFTER_MS } satisfies Phrase;
      nowMs = endsMs;
    }
    nowMs += silenceMs;
  }
}
