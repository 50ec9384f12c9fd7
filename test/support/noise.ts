/** What rooms sound like besides speech: 16 kHz mono, full scale 1, the same at each call. */
import { humanSpeech } from '../../bench/support/speech.ts';

const RATE = 16_000;

export type Noise = keyof typeof noises;

/** Numerical Recipes' generator: even from 0 to 1. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const gaussian = (random: () => number) => (): number =>
  Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());

/** Adds a sound that dies away. */
function strike(into: Float32Array, at: number, ms: number, sound: (i: number) => number): void {
  const length = Math.floor((ms * RATE) / 1000);
  for (let i = 0; i < length && at + i < into.length; i++)
    into[at + i] = (into[at + i] ?? 0) + sound(i) * Math.min(1, i / 32) * Math.exp((-5 * i) / length);
}

const wave = (hz: number, i: number): number => Math.sin((2 * Math.PI * hz * i) / RATE);

const chords = [
  [220, 277.2, 329.6],
  [196, 246.9, 293.7],
  [174.6, 220, 261.6],
  [164.8, 207.7, 246.9],
];

let plucked: Float32Array | undefined;

function pluckedChords(): Float32Array {
  const white = gaussian(randomFrom(5));
  const sound = new Float32Array(8 * RATE);
  const beat = RATE / 2;
  for (let at = 0, count = 0; at < sound.length; at += beat, count++) {
    const chord = chords[Math.floor(count / 4) % chords.length] ?? [];
    const notes = [2 * (chord[count % 3] ?? 0), (chord[0] ?? 0) / 2, ...chord];
    for (const hz of notes)
      strike(sound, at, 900, (i) => [1, 2, 3, 4, 5, 6].reduce((sum, h) => sum + wave(hz * h, i) / h ** 1.3, 0) / 4);
    strike(sound, at, 60, () => 0.5 * white());
  }
  return sound;
}

const repeated = (sound: Float32Array, length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => sound[i % sound.length] ?? 0);

export const noises = {
  white(length: number): Float32Array {
    return new Float32Array(length).map(gaussian(randomFrom(1)));
  },

  /** Paul Kellet's filter: 3 dB less each octave. */
  pink(length: number): Float32Array {
    const white = gaussian(randomFrom(2));
    let [slow, middle, fast] = [0, 0, 0];
    return new Float32Array(length).map(() => {
      const value = white();
      slow = 0.99765 * slow + value * 0.099046;
      middle = 0.963 * middle + value * 0.2965164;
      fast = 0.57 * fast + value * 1.0526913;
      return slow + middle + fast + value * 0.1848;
    });
  },

  /** The mains, and what they make tremble. */
  hum(length: number): Float32Array {
    const white = gaussian(randomFrom(3));
    const harmonics = [1, 0.5, 0.35, 0.2, 0.2, 0.1, 0.1];
    return new Float32Array(length).map(
      (_, i) => harmonics.reduce((sum, amplitude, h) => sum + amplitude * wave(50 * (h + 1), i), 0) + 0.02 * white(),
    );
  },

  keyboard(length: number): Float32Array {
    const random = randomFrom(4);
    const white = gaussian(random);
    const sound = new Float32Array(length).map(() => 0.003 * white());
    for (let at = 0; at < length; at += Math.floor(RATE * (0.08 + 0.25 * random()))) {
      const [loud, hz] = [0.4 + 0.6 * random(), 1500 + 2500 * random()];
      strike(sound, at, 25, (i) => loud * (0.6 * white() + wave(hz, i)));
      strike(sound, at + 1100, 20, () => 0.3 * loud * white());
    }
    return sound;
  },

  /** Music on hold: plucked chords, a melody, a drum; eight seconds again and again. */
  music(length: number): Float32Array {
    plucked ??= pluckedChords();
    return repeated(plucked, length);
  },

  /** Music on hold: an organ that never pauses. */
  organ(length: number): Float32Array {
    return new Float32Array(length).map((_, i) => {
      const chord = chords[Math.floor(i / RATE / 2.5) % chords.length] ?? [];
      return chord.reduce((sum, hz) => sum + wave(hz, i) + wave(2 * hz, i) / 3 + wave(3 * hz, i) / 5, 0);
    });
  },

  ringing(length: number): Float32Array {
    return new Float32Array(length).map((_, i) => (i % (3 * RATE) < RATE ? wave(440, i) + wave(480, i) : 0));
  },

  /** A dozen people at once. */
  babble(length: number): Float32Array {
    const random = randomFrom(6);
    const sound = new Float32Array(length);
    const names = ['conf-onlyperson', 'queue-youarenext', 'vm-sorry', 'auth-incorrect', 'pbx-invalidpark'];
    const voices = names.map((name) => humanSpeech(name).samples);
    for (let voice = 0; voice < 12; voice++) {
      const said = voices[voice % voices.length] ?? new Int16Array(1);
      const pace = 0.75 + 0.5 * random();
      const start = Math.floor(random() * said.length);
      for (let i = 0; i < length; i++)
        sound[i] = (sound[i] ?? 0) + (said[Math.floor(start + i * pace) % said.length] ?? 0) / 32_768;
    }
    return sound;
  },
};

export const rms = (sound: Float32Array): number =>
  Math.sqrt(sound.reduce((sum, value) => sum + value * value, 0) / sound.length);

/** As loud as `db` below full scale. */
export function atLevel(sound: Float32Array, db: number): Float32Array {
  const gain = 10 ** (db / 20) / (rms(sound) || 1);
  return sound.map((value) => value * gain);
}

export const toPcm = (sound: Float32Array): Int16Array =>
  Int16Array.from(sound, (value) => Math.max(-32_768, Math.min(32_767, Math.round(32_768 * value))));
