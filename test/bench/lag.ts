/**
 * How a channel keeps time: the delays of what it is given to say, measured on the real queue and governor in fake time. Pure.
 */
import { type PlayoutCounts, PlayoutQueue, type Utterance } from '../../bot/playout-queue.ts';
import type { RoomMessage } from '../../protocol/room-messages.ts';

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
  const sorted = delays.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const { played, trimmed, stretched, skipped, underruns } = counts;
  return {
    p50: at(0.5),
    p95: at(0.95),
    max: at(1),
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
