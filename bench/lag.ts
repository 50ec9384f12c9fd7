/**
 * Measures how far a channel lags behind: the delays of its sound, with the real playout queue and lag control in fake time. The same
 * seed gives the same result.
 */
import { EarVoiceSpan } from '../bot/playout/ear-voice-span.ts';
import { PlayoutQueue, type PlayoutTotals, type QueuedUtterance } from '../bot/playout/playout-queue.ts';
import { type Bench, percentile } from './bench.ts';
import { monologue } from './monologue.ts';

const FRAME_SAMPLES = 480;
const FRAME_MS = 20;

/** A piece of an utterance's audio, as an interpretation passes it to a channel. */
export interface Arrival {
  atMs: number;
  utterance: QueuedUtterance;
  /** The time at which the speech that it translates started. */
  sourceStartMs: number;
  samples: Int16Array;
  /** Whether it is the last piece of the utterance. */
  last: boolean;
}

export interface Lag {
  /** Milliseconds from the arrival of an utterance's first sample to its playout; the median. */
  p50: number;
  p95: number;
  max: number;
  /** The ear-voice span: milliseconds from the start of speech to the playout of its translation. */
  span: { p50: number; p95: number };
  /** The share of the audio that was skipped. */
  skipped: number;
  underruns: number;
  utterances: number;
  /** Totals of the whole run: the milliseconds that were played, trimmed, stretched and skipped, and the underruns. */
  totals: PlayoutTotals;
}

/** The figures are of a service that translates during speech; those under `after` of one that waits for the end of each utterance. */
export const lagBench: Bench = {
  key: 'lag',
  about: 'an hour of monologue, 15 % pauses, its translation a quarter longer',
  repetitions: 3,
  async run(repetition) {
    const hour = { minutes: 60, pauses: 0.15, ratio: 1.25, seed: repetition + 1 };
    const { p50, p95, max, skipped, underruns, span } = lagOf(monologue({ ...hour, translates: 'meanwhile' }));
    const after = lagOf(monologue({ ...hour, translates: 'after' }));
    return {
      ...{ p50, p95, max, skipped, underruns, 'span.p50': span.p50, 'span.p95': span.p95 },
      'after.p95': after.p95,
      'after.skipped': after.skipped,
      'after.underruns': after.underruns,
    };
  },
};

/**
 * @param arrivals in the order of their times
 * @param options `onFrame` receives each frame that goes to the encoder
 */
export function lagOf(
  arrivals: Iterable<Arrival>,
  { maxLagMs, onFrame }: { maxLagMs?: number; onFrame?: (frame: Int16Array) => void } = {},
): Lag {
  const delays: number[] = [];
  const earVoice = new EarVoiceSpan();
  let nowMs = 0;
  const queue = new PlayoutQueue({
    onEvent: (event) => {
      if (event.state !== 'started') return;
      delays.push(event.delayMs);
      earVoice.started(event.utterance.id, event.utterance.speaker.id, nowMs);
    },
    ...(maxLagMs !== undefined && { maxLagMs }),
  });
  const playUntil = (untilMs: number) => {
    for (; nowMs < untilMs; nowMs += FRAME_MS) {
      const frame = queue.pull(FRAME_SAMPLES, nowMs);
      if (frame) onFrame?.(frame);
    }
  };
  for (const { atMs, utterance, sourceStartMs, samples, last } of arrivals) {
    playUntil(atMs);
    earVoice.setSourceStart(utterance.id, sourceStartMs);
    queue.push(utterance, samples, atMs);
    if (last) queue.complete(utterance.id);
  }
  while (!queue.isEmpty) playUntil(nowMs + FRAME_MS);
  return summary(delays, earVoice, queue.totals);
}

function summary(delays: number[], { summary: span }: EarVoiceSpan, totals: PlayoutTotals): Lag {
  const { playedMs, trimmedMs, stretchedMs, skippedMs, underruns } = totals;
  return {
    p50: percentile(delays, 0.5),
    p95: percentile(delays, 0.95),
    max: percentile(delays, 1),
    span,
    skipped: skippedMs / Math.max(1, playedMs + trimmedMs + stretchedMs + skippedMs),
    underruns,
    utterances: delays.length,
    totals: { ...totals },
  };
}
