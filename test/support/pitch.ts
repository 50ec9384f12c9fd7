/** How high a voice is, as a phonetician would measure it: by autocorrelation, where it is voiced. */

const WINDOW_MS = 40;
const STEP_MS = 10;
const LOWEST_HZ = 70;
const HIGHEST_HZ = 400;

/** The median over all voiced moments, in hertz. */
export function medianPitch(samples: Int16Array, rate: number): number {
  const found: number[] = [];
  const window = (rate * WINDOW_MS) / 1000;
  for (let at = 0; at + 2 * window < samples.length; at += (rate * STEP_MS) / 1000) {
    const hertz = pitchAt(samples.subarray(at, at + 2 * window), window, rate);
    if (hertz !== undefined) found.push(hertz);
  }
  return found.toSorted((a, b) => a - b)[found.length >> 1] ?? 0;
}

function pitchAt(samples: Int16Array, window: number, rate: number): number | undefined {
  const shortest = Math.floor(rate / HIGHEST_HZ);
  const likeness = Array.from({ length: Math.ceil(rate / LOWEST_HZ) - shortest }, (_, i) =>
    correlationAt(samples, shortest + i, window),
  );
  const most = Math.max(...likeness);
  if (most < 0.8) return undefined;
  // The first peak that is nearly the highest: two periods are as alike as one.
  const peak = likeness.findIndex((one, i) => one > most * 0.95 && one >= (likeness[i + 1] ?? 0));
  const [before, at, next] = [likeness[peak - 1] ?? 0, likeness[peak] ?? 0, likeness[peak + 1] ?? 0];
  const offset = before - 2 * at + next === 0 ? 0 : (before - next) / (2 * (before - 2 * at + next));
  return rate / (shortest + peak + offset);
}

function correlationAt(samples: Int16Array, lag: number, window: number): number {
  let [ab, aa, bb] = [0, 0, 1];
  for (let i = 0; i < window; i++) {
    const a = samples[i] ?? 0;
    const b = samples[i + lag] ?? 0;
    ab += a * b;
    aa += a * a;
    bb += b * b;
  }
  return aa < window * 200 ** 2 ? 0 : ab / Math.sqrt(aa * bb);
}
