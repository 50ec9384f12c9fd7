/** Whether demand launches an interpreter for a room: decided from what people hear and read. Pure. */
import type { Preferences } from '@mediasoup-booth/protocol';
import { backoffDelayMs } from '../../time/backoff.ts';

/** After a failed launch the next follows after this long, then after twice as long each time; a new choice shortens that to this. */
export const RETRY_AFTER_MS = 30_000;
export const LONGEST_RETRY_MS = 600_000;

export interface Demander extends Pick<Preferences, 'hears' | 'reads'> {
  id: string;
  kind: 'person' | 'interpreter';
}

/** The languages that people have chosen to hear and read, as a text that changes with them; empty: nobody has chosen any. */
export function choices(participants: Iterable<Demander>): string {
  const wanting = [...participants].filter(
    ({ kind, hears, reads }) => kind === 'person' && (hears !== 'original' || reads.length > 0),
  );
  return wanting.map(({ id, hears, reads }) => JSON.stringify([id, hears, reads])).join('\n');
}

export interface LaunchSituation {
  /** Whether demand may launch interpreters. */
  allowed: boolean;
  choices: string;
  /** A host has requested the interpreter that failed, so that it is wanted whatever people choose. */
  requested: boolean;
  /** An interpreter is in the room or being launched, by demand or by request. */
  served: boolean;
  /** When the last launch failed, the choices at that time, and how many launches in a row have failed. */
  failed: { atMs: number; choices: string; launches: number } | undefined;
  nowMs: number;
}

/** Milliseconds until an interpreter should be launched; undefined: none should. */
export function launchDelayMs(situation: LaunchSituation): number | undefined {
  const { allowed, choices, requested, served, failed, nowMs } = situation;
  const isWanted = requested || (allowed && choices !== '');
  if (!isWanted || served) return undefined;
  if (!failed) return 0;
  const backoff = { firstMs: RETRY_AFTER_MS, maxMs: LONGEST_RETRY_MS };
  const pauseMs = failed.choices === choices ? backoffDelayMs(failed.launches - 1, backoff) : RETRY_AFTER_MS;
  return Math.max(0, failed.atMs + pauseMs - nowMs);
}
