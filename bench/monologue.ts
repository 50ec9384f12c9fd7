/**
 * Generates the translated audio of a long monologue as it arrives: utterances between pauses, each cut after 15 s, word by word at four
 * times the rate of speech, as the simulated service sends it. Pure: the same seed gives the same monologue.
 */
import { Random } from '../engine/scripted/random.ts';
import { vocabulary } from '../engine/scripted/tone-words.ts';
import { wordAudio } from '../engine/scripted/word-audio.ts';
import type { Arrival } from './lag.ts';

const WORD_MS = 300;
/** The service sends translated speech this many times faster than it plays. */
const SPEED = 4;
const TRANSLATION_LATENCY_MS = 300;
/** The service cuts an utterance without pauses after this many words. */
const MAX_UTTERANCE_WORDS = 15_000 / WORD_MS;
/** The silence after which the service takes an utterance as ended (endpoint detection). */
const ENDPOINT_SILENCE_MS = 800;

export interface Monologue {
  minutes: number;
  /** The share of the time in which nobody speaks. */
  pauses: number;
  /** The length of the translation relative to the original. */
  ratio: number;
  /** When the service translates an utterance: `meanwhile`, while it is spoken (simultaneously); or `after` its end (consecutively). */
  translates: 'meanwhile' | 'after';
  /** The mean length of a pause; none is shorter than 800 ms. */
  pauseMs?: number;
  seed?: number;
}

interface SourceUtterance {
  words: number;
  startMs: number;
  /** The time at which the service has detected its end. */
  endpointMs: number;
}

export function* monologue({ ratio, translates, ...speech }: Monologue): Generator<Arrival> {
  const speaker = { id: 'ann', name: 'Ann' };
  const wordMs = WORD_MS * ratio;
  let sentMs = 0;
  let utterances = 0;
  let said = 0;
  for (const { words, startMs, endpointMs } of utterancesOf(speech)) {
    const utterance = { id: `u${utterances++}`, speaker };
    for (let i = 1; i <= words; i++) {
      const availableMs = translates === 'meanwhile' ? startMs + i * WORD_MS : endpointMs;
      sentMs = Math.max(sentMs + wordMs / SPEED, availableMs + TRANSLATION_LATENCY_MS);
      const samples = wordAudio(vocabulary[said++ % vocabulary.length] ?? '', wordMs);
      yield { atMs: sentMs, utterance, sourceStartMs: startMs, samples, last: i === words };
    }
  }
}

function* utterancesOf({ minutes, pauses, pauseMs = 1200, seed = 1 }: Omit<Monologue, 'ratio' | 'translates'>) {
  const random = new Random(seed);
  const talkMs = (pauseMs * (1 - pauses)) / pauses;
  for (let nowMs = 0; nowMs < minutes * 60_000; ) {
    let left = Math.round(random.between(0.3 * talkMs, 1.7 * talkMs) / WORD_MS);
    const silenceMs = random.between(ENDPOINT_SILENCE_MS, 2 * pauseMs - ENDPOINT_SILENCE_MS);
    while (left > 0) {
      const words = Math.min(left, MAX_UTTERANCE_WORDS);
      left -= words;
      const endsMs = nowMs + words * WORD_MS;
      yield {
        words,
        startMs: nowMs,
        endpointMs: left > 0 ? endsMs : endsMs + ENDPOINT_SILENCE_MS,
      } satisfies SourceUtterance;
      nowMs = endsMs;
    }
    nowMs += silenceMs;
  }
}
