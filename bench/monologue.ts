/**
 * Generates the translated audio of a long monologue as it arrives: phrases between pauses, each cut after 15 s, word by word at four times
 * the rate of speech, as the simulated vendor sends it. Pure: the same seed gives the same monologue.
 */
import { Random } from '../engine/scripted/random.ts';
import { vocabulary } from '../engine/scripted/tone-words.ts';
import { wordAudio } from '../engine/scripted/word-audio.ts';
import type { Arrival } from './lag.ts';

const WORD_MS = 300;
const SPEED = 4;
const LATENCY_MS = 300;
/** The service cuts a phrase without pauses after this many words. */
const LONGEST_PHRASE_WORDS = 15_000 / WORD_MS;
/** The silence after which the service ends a phrase. */
const CLOSED_AFTER_MS = 800;

export interface Monologue {
  minutes: number;
  /** The share of the time in which nobody speaks. */
  pauses: number;
  /** The length of the translation relative to the original. */
  ratio: number;
  /** Whether the service translates a phrase while it is spoken or after its end. */
  translates: 'meanwhile' | 'after';
  /** The mean length of a pause; none is shorter than 800 ms. */
  pauseMs?: number;
  seed?: number;
}

interface Phrase {
  words: number;
  startMs: number;
  /** The time at which the service has noticed its end. */
  closedMs: number;
}

export function* monologue({ ratio, translates, ...speech }: Monologue): Generator<Arrival> {
  const speaker = { id: 'ann', name: 'Ann' };
  const wordMs = WORD_MS * ratio;
  let sentMs = 0;
  let phrases = 0;
  let said = 0;
  for (const { words, startMs, closedMs } of phrasesOf(speech)) {
    const utterance = { id: `u${phrases++}`, speaker };
    for (let i = 1; i <= words; i++) {
      const knownMs = translates === 'meanwhile' ? startMs + i * WORD_MS : closedMs;
      sentMs = Math.max(sentMs + wordMs / SPEED, knownMs + LATENCY_MS);
      const samples = wordAudio(vocabulary[said++ % vocabulary.length] ?? '', wordMs);
      yield { atMs: sentMs, utterance, saidMs: startMs, samples, last: i === words };
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
      yield { words, startMs: nowMs, closedMs: left > 0 ? endsMs : endsMs + CLOSED_AFTER_MS } satisfies Phrase;
      nowMs = endsMs;
    }
    nowMs += silenceMs;
  }
}
