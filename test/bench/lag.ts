/**
 * How a channel keeps time: the delays of what it is given to say, measured on the real queue and governor in fake time.
 * Repeatable.
 */
import { type PlayoutCounts, PlayoutQueue, type Utterance } from '../../bot/playout-queue.ts';
import type { RoomMessage } from '../../protocol/room-messages.ts';
import { type Bench, percentile } from './bench.ts';
import { monologue } from './monologue.ts';

const FRAME_SAMPLES = 480;
const FRAME_MS = 20;

/** A piece of an utterance's sound, as an interpretation hands it to a channel. */
export interface Arrival {
  atMs: number;
  utterance: Utterance;
  samples: Int16Array;
  /** Nothing more of the utterance comes. */
  last: boolean;
}

export interface Lag {
  /** Of phrases, from the arrival of the first sample to its playout, in milliseconds. */
  p50: number;
  p95: number;
  max: number;
  /** Share of the sound that was not said. */
  skipped: number;
  underruns: number;
  phrases: number;
  /** Of the sound, in milliseconds. */
  counts: PlayoutCounts;
}

/** The vendor translates while somebody speaks; `after` is for one that waits for the end of each phrase. */
export const lagBench: Bench = {
  key: 'lag',
  about: 'an hour of monologue, 15 % pauses, its translation a quarter longer',
  warmUp: 0,
  repetitions: 3,
  async run(repetition) {
    const hour = { minutes: 60, pauses: 0.15, ratio: 1.25, seed: repetition + 1 };
    const { p50, p95, max, skipped, underruns } = lagOf(monologue({ ...hour, translates: 'meanwhile' }));
    const after = lagOf(monologue({ ...hour, translates: 'after' }));
    return {
      ...{ p50, p95, max, skipped, underruns },
      'after.p95': after.p95,
      'after.skipped': after.skipped,
      'after.underruns': after.underruns,
    };
  },
};

/** Arrivals in the order of their time. `onFrame` hears what goes to the encoder. */
export function lagOf(
  arrivals: Iterable<Arrival>,
  { limitMs, onFrame }: { limitMs?: number; onFrame?: (frame: Int16Array) => void } = {},
): Lag {
  const delays: number[] = [];
  const queue = new PlayoutQueue({
    onEvent: (event) => {
      if (event.state === 'started') delays.push(event.delayMs);
    },
    ...(limitMs !== undefined && { limitMs }),
  });
  let nowMs = 0;
  const playUntil = (untilMs: number) => {
    for (; nowMs < untilMs; nowMs += FRAME_MS) {
      const frame = queue.pull(FRAME_SAMPLES, nowMs);
      if (frame) onFrame?.(frame);
    }
  };
  for (const { atMs, utterance, samples, last } of arrivals) {
    playUntil(atMs);
    queue.add(utterance, samples, atMs);
    if (last) queue.complete(utterance.id);
  }
  while (!queue.isEmpty) playUntil(nowMs + FRAME_MS);
  return summary(delays, queue.counts);
}

function summary(delays: number[], counts: PlayoutCounts): Lag {
  const { played, trimmed, stretched, skipped, underruns } = counts;
  return {
    p50: percentile(delays, 0.5),
    p95: percentile(delays, 0.95),
    max: percentile(delays, 1),
    skipped: skipped / Math.max(1, played + trimmed + stretched + skipped),
    underruns,
    phrases: delays.length,
    counts: { ...counts },
  };
}

/** From when something was said to when its translation began to sound, for each utterance of which both are known. */
export function earVoiceSpans(messages: Iterable<RoomMessage>): number[] {
  const said = new Map<string, number>();
  const spans: number[] = [];
  for (const message of messages) {
    if (message.type === 'caption' && message.kind === 'translation' && !said.has(message.utterance)) {
      said.set(message.utterance, message.start);
    }
    const start = message.type === 'playout' ? said.get(message.utterance) : undefined;
    if (message.type === 'playout' && message.state === 'started' && start !== undefined)
      spans.push(message.at - start);
  }
  return spans;
}
