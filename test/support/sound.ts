/** What ears would say of a sound: how high, how loud when, how like another. Mono. */

export const tone = (hz: number, ms: number, rate: number, amplitude = 12_000): Int16Array =>
  Int16Array.from({ length: (rate * ms) / 1000 }, (_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / rate));

export function joined(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function* chunks(samples: Int16Array, length: number): Generator<Int16Array> {
  for (let at = 0; at < samples.length; at += length) yield samples.subarray(at, at + length);
}

/** Root mean square of each stretch of `windowMs`. */
export const envelope = (samples: Int16Array, rate: number, windowMs = 20): number[] =>
  [...chunks(samples, (rate * windowMs) / 1000)].map((part) =>
    Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / part.length),
  );

/** How often a second the sound crosses zero upwards: the pitch of a tone. */
export function pitch(samples: Int16Array, rate: number): number {
  let crossings = 0;
  for (let i = 1; i < samples.length; i++) if ((samples[i - 1] ?? 0) < 0 && (samples[i] ?? 0) >= 0) crossings++;
  return (crossings * rate) / samples.length;
}

/** The greatest correlation of two envelopes, and how far `b` is behind `a` there. */
export function likeness(a: readonly number[], b: readonly number[]): { correlation: number; behind: number } {
  let best = { correlation: -1, behind: 0 };
  for (let behind = -a.length + 1; behind < b.length; behind++) {
    const there = a.map((_, i) => b[i + behind] ?? 0);
    const found = correlation(a, there);
    if (found > best.correlation) best = { correlation: found, behind };
  }
  return best;
}

/** Pearson's, −1 to 1. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    const [da, db] = [value - meanA, (b[i] ?? 0) - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  });
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}
