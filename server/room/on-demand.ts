/** Whether a room needs an interpreter brought in by the server: decided from what people hear and read. */
import type { Preferences } from '../../protocol/rooms.ts';

/** After a failure, one is tried again when the choices change, and not sooner than this. */
export const RETRY_AFTER_MS = 30_000;

export interface Demander extends Pick<Preferences, 'hears' | 'reads'> {
  id: string;
  kind: 'person' | 'interpreter';
}

/** Who wants to hear or read what, as a text that differs when the choices do; empty: nobody wants anything. */
export function choices(participants: Iterable<Demander>): string {
  const wanting = [...participants].filter(
    ({ kind, hears, reads }) => kind === 'person' && (hears !== 'original' || reads.length > 0),
  );
  return wanting.map(({ id, hears, reads }) => JSON.stringify([id, hears, reads])).join('\n');
}

export interface LaunchSituation {
  /** The host lets demand bring interpreters in. */
  allowed: boolean;
  choices: string;
  /** Someone interprets already, or is about to: brought in by the server, or by hand. */
  served: boolean;
  /** The last one that was brought in gave up: when, and what the choices were. */
  failed: { atMs: number; choices: string } | undefined;
  nowMs: number;
}

/** How long from now one should be brought in; undefined: not at all. */
export function launchDelayMs({ allowed, choices, served, failed, nowMs }: LaunchSituation): number | undefined {
  if (!allowed || choices === '' || served) return undefined;
  if (!failed) return 0;
  return failed.choices === choices ? undefined : Math.max(0, failed.atMs + RETRY_AFTER_MS - nowMs);
}
