/** What a microphone picks up of a loudspeaker in the same room, and how it sounds together with somebody who speaks. */

export interface RoomSound {
  /** From the loudspeaker's sample to the microphone's. */
  delayMs?: number;
  gainDb?: number;
  /** How long the room rings, until it is 60 dB softer. */
  ringsMs?: number;
  /** What a small loudspeaker and the case of a notebook leave. */
  lowPassHz?: number;
}

const REFLECTIONS = 60;

/** The same every time: a direct sound, reflections at random that die away, and a low-pass of second order. */
export function inRoom(sound: Int16Array, rate: number, options: RoomSound = {}): Int16Array {
  const { delayMs = 150, gainDb = -12, ringsMs = 300, lowPassHz = 5000 } = options;
  const echo = new Float64Array(sound.length);
  for (const { afterMs, factor } of [{ afterMs: 0, factor: 1 }, ...reflections(ringsMs)]) {
    const shift = Math.round(((delayMs + afterMs) * rate) / 1000);
    for (let i = shift; i < sound.length; i++) echo[i] = (echo[i] ?? 0) + factor * (sound[i - shift] ?? 0);
  }
  const keep = Math.exp((-2 * Math.PI * lowPassHz) / rate);
  const gain = 10 ** (gainDb / 20);
  let [once, twice] = [0, 0];
  return Int16Array.from(echo, (sample) => {
    once = keep * once + (1 - keep) * sample;
    twice = keep * twice + (1 - keep) * once;
    return clipped(gain * twice);
  });
}

/** White, with a root mean square of `db`. */
export function noise(samples: number, db: number): Int16Array {
  const random = randomFrom(12345);
  const amplitude = 32_768 * 10 ** (db / 20) * Math.sqrt(3);
  return Int16Array.from({ length: samples }, () => amplitude * random());
}

/** As long as the first. */
export const together = (first: Int16Array, ...others: readonly Int16Array[]): Int16Array =>
  first.map((sample, i) => clipped(others.reduce((sum, other) => sum + (other[i] ?? 0), sample)));

export const louder = (sound: Int16Array, db: number): Int16Array =>
  sound.map((sample) => clipped(sample * 10 ** (db / 20)));

function reflections(ringsMs: number): { afterMs: number; factor: number }[] {
  const random = randomFrom(7);
  return Array.from({ length: REFLECTIONS }, () => {
    const afterMs = 1 + ((random() + 1) / 2) * ringsMs * 0.8;
    return { afterMs, factor: 0.5 * random() * 10 ** ((-3 * afterMs) / ringsMs) };
  });
}

/** −1 to 1. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

const clipped = (sample: number): number => Math.max(-32_768, Math.min(32_767, Math.round(sample)));
