/** How high a voice is, as a phonetician would measure it: by autocorrelation, where it is voiced. */

const WINDOW_MS = 40;
const LOWEST_HZ = 70;
const HIGHEST_HZ = 400;

/** In hertz; undefined: no voice there, or the sound ends too soon. */
export function pitchAt(samples: Int16Array, at: number, rate: number): number | undefined {
  const window = (rate * WINDOW_MS) / 1000;
  const here = samples.subarray(at, at + 2 * window);
  return here.length < 2 * window ? undefined : voicedPitch(here, window, rate);
}

function voicedPitch(samples: Int16Array, window: number, rate: number): number | undefined {
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
