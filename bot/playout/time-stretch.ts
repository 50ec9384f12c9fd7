/**
 * Time stretching: makes speech faster and keeps its pitch. Single pitch periods are left out, where the next period is most similar
 * (WSOLA, as in Sonic and in NetEq's "accelerate"); all other samples stay bit-exact. Adds no latency. Pure.
 *
 * Hard requirement: no click. The omitted period fades into the next one over its whole length, so that a step from sample to sample
 * grows by at most the difference of the two periods divided by that length.
 */
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';

const MIN_PERIOD = VOICE_SAMPLE_RATE / 400;
/** One period of a voice of 67 Hz; of a higher voice several periods are left out at once. */
const MAX_PERIOD = VOICE_SAMPLE_RATE / (1000 / 15);
/** The search first compares every fourth lag at every fourth sample, then each lag around the best one. */
const COARSE_STEP = 4;

/** Samples that `omitPeriod` needs. */
export const STRETCH_LOOKAHEAD = 2 * MAX_PERIOD;

export interface PeriodOmission {
  /** How many samples of the head are to be replaced. */
  replacedSamples: number;
  /** The samples that replace them: one period fewer. */
  replacement: Int16Array;
  /** The normalised difference of the two periods, from 0 (identical) to 1. */
  difference: number;
}

/**
 * Finds the pitch period at the start of `head`, and what replaces it and the next one so that the speech is one period shorter.
 *
 * @returns undefined where `head` has fewer than `STRETCH_LOOKAHEAD` samples
 * @example
 * const omission = omitPeriod(queue.peek(STRETCH_LOOKAHEAD));
 * if (omission) queue.replaceHead(omission.replacedSamples, omission.replacement);
 */
export function omitPeriod(head: Int16Array): PeriodOmission | undefined {
  if (head.length < STRETCH_LOOKAHEAD) return undefined;
  const coarse = bestPeriod(head, MIN_PERIOD, MAX_PERIOD, COARSE_STEP);
  const period = bestPeriod(
    head,
    Math.max(MIN_PERIOD, coarse - COARSE_STEP),
    Math.min(MAX_PERIOD, coarse + COARSE_STEP),
    1,
  );
  const replacement = crossfade(head.subarray(0, period), head.subarray(period, 2 * period));
  return { replacedSamples: 2 * period, replacement, difference: difference(head, period, 1) };
}

/** Fades linearly from `from` into `into`, which has the same length: the first sample is that of `from`, the last nearly that of `into`. */
export function crossfade(from: Int16Array, into: Int16Array): Int16Array {
  const { length } = from;
  return Int16Array.from(from, (sample, i) => Math.round(sample + (((into[i] ?? 0) - sample) * i) / length));
}

function bestPeriod(head: Int16Array, from: number, to: number, step: number): number {
  let best = from;
  let leastDifference = Number.POSITIVE_INFINITY;
  for (let lag = from; lag <= to; lag += step) {
    const lagDifference = difference(head, lag, step);
    if (lagDifference >= leastDifference) continue;
    leastDifference = lagDifference;
    best = lag;
  }
  return best;
}

/** The average magnitude difference function (AMDF) at a lag, normalised by the loudness of both periods. */
function difference(head: Int16Array, lag: number, step: number): number {
  let absDifference = 0;
  // The 1 avoids a division by zero in digital silence.
  let absSum = 1;
  for (let i = 0; i < lag; i += step) {
    const a = head[i] ?? 0;
    const b = head[i + lag] ?? 0;
    absDifference += Math.abs(a - b);
    absSum += Math.abs(a) + Math.abs(b);
  }
  return absDifference / absSum;
}
