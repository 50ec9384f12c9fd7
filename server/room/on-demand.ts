/** Whether demand launches an interpreter for a room: decided from what people hear and read. Pure. */
import type { Preferences } from '../../protocol/rooms.ts';

/** After a failed launch, the next is tried when the choices change, and not sooner than this. */
export const RETRY_AFTER_MS = 30_000;

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
  /** An interpreter is in the room or being launched, by demand or by request. */
  served: boolean;
  /** When the last launch failed, and the choices at that time. */
  failed: { atMs: number; choices: string } | undefined;
  nowMs: number;
}

/** Milliseconds until an interpreter should be launched; undefined: none should. */
export function launchDelayMs({ allowed, choices, served, failed, nowMs }: LaunchSituation): number | undefined {
  if (!allowed || choices === '' || served) return undefined;
  if (!failed) return 0;
  return failed.choices === choices ? undefined : Math.max(0, failed.atMs + RETRY_AFTER_MS - nowMs);
}
