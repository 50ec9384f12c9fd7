/**
 * A vocabulary of sixty words that a program speaks and recognises without errors: each is a tone of its own frequency, a quarter of a
 * second long, with a pause after it. So a test knows exactly which words were sent, and which arrived.
 */
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';

/** The tone of a word; 150 ms of it are enough to recognise the word. */
export const TONE_MS = 250;
export const PAUSE_MS = 50;
export const WORD_MS = TONE_MS + PAUSE_MS;

const COUNT = 60;
const LOWEST_HZ = 300;
const HIGHEST_HZ = 3500;
const STEP_HZ = (HIGHEST_HZ - LOWEST_HZ) / (COUNT - 1);
const AMPLITUDE = 8000;
/** The fade at both ends of a tone, so that it does not click. */
const RAMP_MS = 5;
/** The share of a block's energy that a tone has in one frequency; speech never has it for long. */
const PURITY = 0.8;

/** `k00`, `k01`, … `k59` */
export const vocabulary: readonly string[] = Array.from({ length: COUNT }, (_, i) => `k${String(i).padStart(2, '0')}`);

export const frequencyOf = (word: string): number | undefined => {
  const index = vocabulary.indexOf(word);
  return index < 0 ? undefined : LOWEST_HZ + index * STEP_HZ;
};

/** The words of the vocabulary in a text of any language, in order: `es:k07 es:k08.` → `k07`, `k08`. */
export const wordsInText = (text: string): string[] => text.match(/k[0-5]\d/g) ?? [];

/** Speaks the words. @throws {RangeError} for a word that is not in the vocabulary */
export function tonesFor(words: readonly string[], { rate = SPEECH_SAMPLE_RATE } = {}): Int16Array {
  const wordSamples = (rate * WORD_MS) / 1000;
  const samples = new Int16Array(words.length * wordSamples);
  for (const [i, word] of words.entries()) {
    const hertz = frequencyOf(word);
    if (hertz === undefined) throw new RangeError(`"${word}" is not one of ${vocabulary[0]} … ${vocabulary.at(-1)}`);
    samples.set(tone(hertz, rate), i * wordSamples);
  }
  return samples;
}

function tone(hertz: number, rate: number): Int16Array {
  const length = (rate * TONE_MS) / 1000;
  const ramp = (rate * RAMP_MS) / 1000;
  return Int16Array.from({ length }, (_, i) => {
    const fade = Math.min(1, i / ramp, (length - i) / ramp);
    return Math.round(AMPLITUDE * fade * Math.sin((2 * Math.PI * hertz * i) / rate));
  });
}

/** The word that a sound of 30 ms or more is a part of; undefined if it is no pure tone. */
export function wordOf(samples: Int16Array, rate: number): string | undefined {
  const hertz = pitchOf(samples, rate);
  if (hertz === undefined || purity(samples, hertz, rate) < PURITY) return undefined;
  const index = Math.round((hertz - LOWEST_HZ) / STEP_HZ);
  return vocabulary[index];
}

/** The frequency, from upward zero crossings to a fraction of a sample: exact for a tone, and cheap. */
function pitchOf(samples: Int16Array, rate: number): number | undefined {
  const low = -rootMeanSquare(samples) / 2;
  let first: number | undefined;
  let last = 0;
  let crossings = 0;
  let before = samples[0] ?? 0;
  // A crossing counts only if the signal was clearly negative before, so noise around zero does not.
  let wasLow = false;
  for (let i = 1; i < samples.length; i++) {
    const now = samples[i] ?? 0;
    if (now < low) wasLow = true;
    if (wasLow && before < 0 && now >= 0) {
      last = i - now / (now - before);
      first ??= last;
      crossings++;
      wasLow = false;
    }
    before = now;
  }
  return first === undefined || crossings < 3 ? undefined : (rate * (crossings - 1)) / (last - first);
}

export function rootMeanSquare(samples: Int16Array): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  return Math.sqrt(energy / samples.length);
}

/** The share of the energy that is in one frequency (Goertzel). */
function purity(samples: Int16Array, hertz: number, rate: number): number {
  const turn = (2 * Math.PI * hertz) / rate;
  const coefficient = 2 * Math.cos(turn);
  let energy = 0;
  let s1 = 0;
  let s2 = 0;
  for (const sample of samples) {
    energy += sample * sample;
    const s0 = sample + coefficient * s1 - s2;
    s2 = s1;
    s1 = s0;
  }
  const power = s1 * s1 + s2 * s2 - coefficient * s1 * s2;
  return energy === 0 ? 0 : (2 * power) / (samples.length * energy);
}
