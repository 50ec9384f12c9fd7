/**
 * How much a channel hurries, decided from the queue delay alone. Pure.
 *
 * Below 2 s the sound is left as it is; then pauses are trimmed; then the tempo rises, up to 1.2; what waits longer than the
 * limit is skipped, or another speaker's is said at the same time. It does not flap: trimming ends below where it began, and
 * the tempo glides.
 */

export const MAX_TEMPO = 1.2;
export const DEFAULT_MAX_LAG_MS = 8000;

const UNTOUCHED_BELOW_MS = 2000;
const TRIM_FROM_MS = 2100;
const FASTER_FROM_MS = 2150;
const FASTEST_FROM_MS = 2400;
/** A glide from 1 to 1.2 takes a second. */
const TEMPO_STEP = (MAX_TEMPO - 1) / 25;

export interface PlayoutRate {
  trimsPauses: boolean;
  /** Input against output: 1.2 says six seconds in five. */
  tempo: number;
}

export const NORMAL_RATE: PlayoutRate = { trimsPauses: false, tempo: 1 };

/** For the next 20 ms, given the one before and how late the latest of what waits would sound. */
export function nextPlayoutRate(delayMs: number, before: PlayoutRate): PlayoutRate {
  if (delayMs < UNTOUCHED_BELOW_MS) return NORMAL_RATE;
  const trimsPauses = before.trimsPauses || delayMs >= TRIM_FROM_MS;
  if (!trimsPauses) return NORMAL_RATE;
  const wanted = wantedTempo(delayMs);
  const change = Math.min(TEMPO_STEP, Math.max(-TEMPO_STEP, wanted - before.tempo));
  return { trimsPauses, tempo: before.tempo + change };
}

function wantedTempo(delayMs: number): number {
  const share = (delayMs - FASTER_FROM_MS) / (FASTEST_FROM_MS - FASTER_FROM_MS);
  return 1 + (MAX_TEMPO - 1) * Math.min(1, Math.max(0, share));
}
