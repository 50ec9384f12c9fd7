/**
 * The voice of the simulator: a word of the vocabulary is its tone, so that listeners can recognise it; any other word is a hum of its
 * own pitch.
 */
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { BoundedMap } from '../../collections/bounded-map.ts';
import { frequencyOf, wordsInText } from './tone-words.ts';

const SOUND_SHARE = 5 / 6;
const AMPLITUDE = 8000;
const RAMP_SAMPLES = VOICE_SAMPLE_RATE / 200;
const HARMONICS = 6;

/** Synthesised words are reused: a meeting has few different ones. */
const MAX_CACHED = 500;
const cache = new BoundedMap<string, Int16Array>(MAX_CACHED);

/** A word of `ms` milliseconds at 24 kHz, with a pause at its end. The samples are shared and must not be changed. */
export function wordAudio(word: string, ms: number): Int16Array {
  const spoken = wordsInText(word)[0] ?? word;
  const key = `${spoken} ${ms}`;
  const samples = cache.get(key) ?? synthesized(spoken, ms);
  cache.set(key, samples);
  return samples;
}

function synthesized(word: string, ms: number): Int16Array {
  const samples = new Int16Array(Math.round((VOICE_SAMPLE_RATE * ms) / 1000));
  const length = Math.floor(samples.length * SOUND_SHARE);
  const hertz = frequencyOf(word);
  for (let i = 0; i < length; i++) {
    const fade = Math.min(1, i / RAMP_SAMPLES, (length - i) / RAMP_SAMPLES);
    samples[i] = Math.round(AMPLITUDE * fade * (hertz === undefined ? hum(word, i) : wave(hertz, i)));
  }
  return samples;
}

const wave = (hertz: number, i: number): number => Math.sin((2 * Math.PI * hertz * i) / VOICE_SAMPLE_RATE);

/** A sum of harmonics like those of a voice, which is no tone of the vocabulary. */
function hum(word: string, i: number): number {
  const pitch = 110 + ((word.codePointAt(0) ?? 0) % 12) * 8;
  let sum = 0;
  for (let n = 1; n <= HARMONICS; n++) sum += wave(pitch * n, i) / n;
  return sum / 2;
}
