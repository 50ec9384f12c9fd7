/**
 * The lag control of a channel: decides the playout rate (whether pauses are trimmed, and the tempo) from the queue delay. Pure.
 *
 * Below 2 s the sound is left as it is; from 2.1 s on pauses are trimmed; from 2.15 s on the tempo rises too, up to 1.2 at 2.4 s. What
 * waits longer than the maximum lag is skipped or played at the same time as another speaker, by the `PlayoutQueue`.
 *
 * Hard requirement: the rate does not oscillate. Trimming ends at a lower delay than it starts at, and the tempo takes at
 * least half a second from 1 to 1.2.
 */

export const MAX_TEMPO = 1.2;
/** How long an utterance may wait, in milliseconds, where the configuration does not say. */
export const DEFAULT_MAX_LAG_MS = 8000;

const UNTOUCHED_BELOW_MS = 2000;
const TRIM_FROM_MS = 2100;
const FASTER_FROM_MS = 2150;
const FASTEST_FROM_MS = 2400;
/** The most by which the tempo changes within 20 ms: it takes half a second from 1 to 1.2. */
const TEMPO_STEP = (MAX_TEMPO - 1) / 25;

export interface PlayoutRate {
  trimsPauses: boolean;
  /** Duration of the input divided by that of the output: at 1.2, six seconds are played in five. */
  tempo: number;
}

export const NORMAL_RATE: PlayoutRate = { trimsPauses: false, tempo: 1 };

/**
 * The playout rate for the next 20 ms.
 *
 * @param delayMs how late the latest of the queued sound would be played at normal rate
 * @param previous the rate of the last 20 ms
 * @example
 * rate = nextPlayoutRate(queue.delayMs(clock.now()), rate);
 */
export function nextPlayoutRate(delayMs: number, previous: PlayoutRate): PlayoutRate {
  if (delayMs < UNTOUCHED_BELOW_MS) return NORMAL_RATE;
  const trimsPauses = previous.trimsPauses || delayMs >= TRIM_FROM_MS;
  if (!trimsPauses) return NORMAL_RATE;
  const target = targetTempo(delayMs);
  const change = Math.min(TEMPO_STEP, Math.max(-TEMPO_STEP, target - previous.tempo));
  return { trimsPauses, tempo: previous.tempo + change };
}

function targetTempo(delayMs: number): number {
  const share = (delayMs - FASTER_FROM_MS) / (FASTEST_FROM_MS - FASTER_FROM_MS);
  return 1 + (MAX_TEMPO - 1) * Math.min(1, Math.max(0, share));
}
