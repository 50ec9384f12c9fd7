/**
 * Speech said faster with its pitch kept: now and then one period of the voice is left out, where what follows it is most like
 * it (WSOLA, in the manner of Sonic and of NetEq's "accelerate"). Pure; what is not left out passes bit by bit, with no latency.
 *
 * Hard requirement: no click. The period fades into the one after it over its whole length, so no step from sample to sample
 * grows by more than the two differ, divided by that length.
 */

const RATE = 24_000;
/** Voices from 67 Hz up; of higher ones several periods. */
const MIN_PERIOD = RATE / 400;
const MAX_PERIOD = RATE / (1000 / 15);
/** One in so many lags and samples is enough to find where to look closely. */
const COARSE_STEP = 4;

/** How much sound it has to be given. */
export const STRETCH_LOOKAHEAD = 2 * MAX_PERIOD;

export interface PeriodOmission {
  /** So many samples of the head are replaced … */
  replacedSamples: number;
  /** … with these, which are fewer. */
  replacement: Int16Array;
  /** How unlike the two periods are: 0 (the same) to 1. */
  difference: number;
}

/** What to put in the place of the head's beginning to say it one period sooner. */
export function omitPeriod(head: Int16Array): PeriodOmission | undefined {
  if (head.length < STRETCH_LOOKAHEAD) return undefined;
  const near = bestPeriod(head, MIN_PERIOD, MAX_PERIOD, COARSE_STEP);
  const period = bestPeriod(
    head,
    Math.max(MIN_PERIOD, near - COARSE_STEP),
    Math.min(MAX_PERIOD, near + COARSE_STEP),
    1,
  );
  const gives = crossfade(head.subarray(0, period), head.subarray(period, 2 * period));
  return { replacedSamples: 2 * period, replacement: gives, difference: difference(head, period, 1) };
}

/** `from` turns into `into`, which is as long: the first sample is the one's, the last one nearly the other's. */
export function crossfade(from: Int16Array, into: Int16Array): Int16Array {
  const { length } = from;
  return Int16Array.from(from, (sample, i) => Math.round(sample + (((into[i] ?? 0) - sample) * i) / length));
}

function bestPeriod(head: Int16Array, from: number, to: number, step: number): number {
  let best = from;
  let least = Number.POSITIVE_INFINITY;
  for (let lag = from; lag <= to; lag += step) {
    const found = difference(head, lag, step);
    if (found >= least) continue;
    least = found;
    best = lag;
  }
  return best;
}

function difference(head: Int16Array, lag: number, step: number): number {
  let apart = 0;
  let together = 1;
  for (let i = 0; i < lag; i += step) {
    const a = head[i] ?? 0;
    const b = head[i + lag] ?? 0;
    apart += Math.abs(a - b);
    together += Math.abs(a) + Math.abs(b);
  }
  return apart / together;
}
