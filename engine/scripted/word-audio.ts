/**
 * What the simulator says: a word of the vocabulary as its tone, so that who listens knows which word it was, and any other
 * word as a hum of its own.
 */
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { frequencyOf, wordsInText } from './tone-words.ts';

const SOUND_SHARE = 5 / 6;
const AMPLITUDE = 8000;
const RAMP_SAMPLES = VOICE_SAMPLE_RATE / 200;
const HARMONICS = 6;

/** Words that were said before: a meeting has few, and says each many times. */
const MAX_KEPT = 500;
const kept = new Map<string, Int16Array>();

/** 24 kHz, as long as is wanted, with a pause at its end. The samples are not to be changed. */
export function wordAudio(word: string, ms: number): Int16Array {
  const said = wordsInText(word)[0] ?? word;
  const name = `${said} ${ms}`;
  const sound = kept.get(name) ?? synthesized(said, ms);
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(name, sound);
  return sound;
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

/** Harmonics of a voice's pitch: no tone of the vocabulary. */
function hum(word: string, i: number): number {
  const pitch = 110 + ((word.codePointAt(0) ?? 0) % 12) * 8;
  let sum = 0;
  for (let n = 1; n <= HARMONICS; n++) sum += wave(pitch * n, i) / n;
  return sum / 2;
}
