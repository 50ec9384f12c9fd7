/**
 * The lamp: what a person sees of the interpreter, as one state and one line of words. Trouble comes before work, work
 * before rest, so that one language that reconnects shows while another one speaks. Pure.
 */
import type { Heard, LanguageCode, Read } from '../../protocol/languages.ts';
import type { InterpretationState, Status } from '../../protocol/room-messages.ts';
import type { RoomState } from '../media/room-state.ts';

export type LampState = 'off' | 'starting' | 'ready' | 'translating' | 'speaking' | 'reconnecting' | 'failed';

export interface Lamp {
  state: LampState;
  word: string;
}

type Listener = { hears: Heard; reads: Read };

const shows: Record<InterpretationState, { state: LampState; word: string }> = {
  unavailable: { state: 'failed', word: 'not available' },
  overBudget: { state: 'failed', word: 'paused, over budget' },
  reconnecting: { state: 'reconnecting', word: 'reconnecting' },
  waiting: { state: 'starting', word: 'waiting for the service' },
  speaking: { state: 'speaking', word: 'speaking' },
  translating: { state: 'translating', word: 'translating' },
  listening: { state: 'ready', word: 'ready' },
};
const urgency = Object.keys(shows) as InterpretationState[];

export const wordOf = (state: InterpretationState): string => shows[state].word;

/** Why what I hear or read cannot be had, each reason once. */
export function hindrances({ statuses }: Pick<RoomState, 'statuses'>, { hears, reads }: Listener): string[] {
  const mine = new Set<string>([hears, ...reads]);
  const hindered = [...statuses.values()].filter(
    ({ state, language }) => state === 'unavailable' && mine.has(language),
  );
  return [...new Set(hindered.flatMap(({ message }) => message ?? []))];
}

/** The status that matters most. */
function foremost(statuses: Iterable<Status>): Status | undefined {
  let first: Status | undefined;
  for (const status of statuses)
    if (!first || urgency.indexOf(status.state) < urgency.indexOf(first.state)) first = status;
  return first;
}

export function lampOf(
  { connection, room, statuses }: Pick<RoomState, 'connection' | 'room' | 'statuses'>,
  { hears, reads }: Listener,
  nameOf: (language: LanguageCode) => string,
): Lamp {
  if (connection.is !== 'joined') return { state: 'reconnecting', word: 'Connection lost' };
  const interpretation = room?.interpretation;
  if (interpretation?.state === 'failed')
    return { state: 'failed', word: interpretation.message ?? 'Interpreter failed' };
  if (interpretation?.state === 'starting') return { state: 'starting', word: 'Interpreter is coming in' };
  if (interpretation?.state !== 'on') return { state: 'off', word: 'No interpreter' };
  const mine = new Set<string>([hears, ...reads]);
  const all = [...statuses.values()];
  const status = foremost(all.filter(({ language }) => mine.has(language))) ?? foremost(all);
  if (!status) return { state: 'ready', word: 'Interpreter is ready' };
  const { state, word } = shows[status.state];
  return { state, word: `${nameOf(status.language)} · ${word}` };
}
