/**
 * The interpreter's status as one state and one line of text. Problems outrank work, and work outranks rest, so that one language that
 * reconnects shows while another one is interpreted; a speaker who cannot be interpreted does not hide those who are. No timers, no DOM.
 */

import type {
  HeardLanguage,
  InterpretationState,
  LanguageCode,
  ReadLanguages,
  StatusMessage,
} from '@mediasoup-booth/protocol';
import type { PageTexts } from '../i18n/page-texts.ts';
import type { RoomState } from '../media/room-state.ts';

export type InterpreterIndicator =
  | 'off'
  | 'starting'
  | 'ready'
  | 'translating'
  | 'speaking'
  | 'reconnecting'
  | 'failed';

export interface InterpreterStatus {
  state: InterpreterIndicator;
  text: string;
}

type Listener = { hears: HeardLanguage; reads: ReadLanguages };

const shows: Record<InterpretationState, InterpreterIndicator> = {
  overBudget: 'failed',
  reconnecting: 'reconnecting',
  waiting: 'starting',
  speaking: 'speaking',
  translating: 'translating',
  listening: 'ready',
  unavailable: 'failed',
};
const urgency = Object.keys(shows) as InterpretationState[];

/**
 * Why an interpretation that this person follows is unavailable, each reason once. A speaker whose language is not understood is left out:
 * their tile says so.
 */
export function unavailableReasons(
  { statuses, you, others }: Pick<RoomState, 'statuses' | 'you' | 'others'>,
  { hears, reads }: Listener,
  understands: (speaks: LanguageCode | null) => boolean,
): string[] {
  const mine = new Set<string>([hears, ...reads]);
  const isUnderstood = (id: string) => {
    const speaker = you?.id === id ? you : others.get(id);
    return speaker !== undefined && understands(speaker.speaks);
  };
  const hindered = [...statuses.values()].filter(
    ({ state, language, speaker }) => state === 'unavailable' && mine.has(language) && isUnderstood(speaker.id),
  );
  return [...new Set(hindered.flatMap(({ message }) => message ?? []))];
}

/** The most urgent status. */
function mostUrgent(statuses: Iterable<StatusMessage>): StatusMessage | undefined {
  let first: StatusMessage | undefined;
  for (const status of statuses)
    if (!first || urgency.indexOf(status.state) < urgency.indexOf(first.state)) first = status;
  return first;
}

export function interpreterStatusOf(
  { connection, room, statuses }: Pick<RoomState, 'connection' | 'room' | 'statuses'>,
  { hears, reads }: Listener,
  nameOf: (language: LanguageCode) => string,
  texts: PageTexts['interpreterStatus'],
): InterpreterStatus {
  if (connection.is !== 'joined' || connection.mediaLost) return { state: 'reconnecting', text: texts.lost };
  const interpretation = room?.interpretation;
  if (interpretation?.state === 'failed') return { state: 'failed', text: texts.failed };
  if (interpretation?.queuePlace !== undefined)
    return { state: 'starting', text: texts.queued(interpretation.queuePlace) };
  // Only one that was there before has something to explain.
  if (interpretation?.state === 'starting' && interpretation.message !== undefined)
    return { state: 'reconnecting', text: texts.states.reconnecting };
  if (interpretation?.state === 'starting') return { state: 'starting', text: texts.starting };
  if (interpretation?.state !== 'on') return { state: 'off', text: texts.off };
  const mine = new Set<string>([hears, ...reads]);
  const all = [...statuses.values()];
  const status = mostUrgent(all.filter(({ language }) => mine.has(language))) ?? mostUrgent(all);
  if (!status) return { state: 'ready', text: texts.ready };
  const { state, language } = status;
  return { state: shows[state], text: `${nameOf(language)} · ${texts.states[state]}` };
}
