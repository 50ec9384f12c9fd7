/** The state of the room as a participant knows it, and how each notification changes it. Pure: a state and an event make a state. */
import type {
  BudgetNotice,
  JoinReply,
  LanguageCode,
  NotificationName,
  Notifications,
  ParticipantView,
  Preferences,
  RoomView,
  StatusMessage,
  WaitingView,
} from '@mediasoup-booth/protocol';
import { type ParticipantChange, updatedParticipant } from '../../room-client/roster.ts';
import type { ErrorReason } from './error-reason.ts';

export type ConnectionState =
  | { is: 'joining' }
  /** A host has to let me in. */
  | { is: 'waiting' }
  /**
   * `mediaLost`: sound and pictures do not get through at the moment, and new paths for them are tried. `unreachable`: they never did, as
   * behind a firewall.
   */
  | { is: 'joined'; mediaLost: boolean; unreachable?: boolean }
  /** Lost, and mended by itself: the next attempt comes after `delayMs`. */
  | { is: 'rejoining'; reason: ErrorReason; delayMs: number }
  | { is: 'ended'; why: 'left' | 'replaced' | 'removed' | 'refused'; reason: ErrorReason };

export interface RoomState {
  connection: ConnectionState;
  room: RoomView | undefined;
  /** This participant; undefined until the first join. */
  you: ParticipantView | undefined;
  /** Everybody else, in the order in which they came. */
  others: ReadonlyMap<string, ParticipantView>;
  /** How each interpretation is doing, by `statusKey`. */
  statuses: ReadonlyMap<string, StatusMessage>;
  /** The people whom a host may admit; empty for everybody else. */
  waiting: readonly WaitingView[];
  /** How often a host has switched the transcript on or off, while I was here. */
  transcriptTurns: number;
  /** How often a host has deleted what was said, while I was here. */
  deletions: number;
  /** The language that I seem to speak, where that is not the one I said; undefined: there is nothing to ask. */
  suggested: LanguageCode | undefined;
  /** The ids of those whom the interpreter hardly hears, as far as I am told: mine, and everybody's where I am a host. */
  tooQuiet: ReadonlySet<string>;
  /** The notice about a budget that concerns this participant; undefined: less than 80 % are used. */
  budget: BudgetNotice | undefined;
  /** How many read captions over HTTP, for a host to know. */
  readers: number;
  /** When this person's access ends, in seconds since 1970; undefined: not soon. */
  expires: number | undefined;
}

export const beforeJoining: RoomState = {
  connection: { is: 'joining' },
  room: undefined,
  you: undefined,
  others: new Map(),
  statuses: new Map(),
  waiting: [],
  transcriptTurns: 0,
  deletions: 0,
  suggested: undefined,
  tooQuiet: new Set(),
  budget: undefined,
  readers: 0,
  expires: undefined,
};

export function stateAfterJoin(reply: JoinReply, before: RoomState = beforeJoining): RoomState {
  const others = reply.participants.filter(({ id }) => id !== reply.you.id);
  return {
    connection: { is: 'joined', mediaLost: false },
    room: reply.room,
    you: reply.you,
    others: new Map(others.map((participant) => [participant.id, participant])),
    statuses: new Map(),
    waiting: reply.waiting ?? [],
    transcriptTurns: turns(before, reply.room),
    deletions: before.deletions,
    suggested: undefined,
    tooQuiet: new Set(),
    budget: reply.budget,
    readers: reply.readers ?? 0,
    expires: undefined,
  };
}

/** The state when another connection is used from now on: as that one knows the room. What happens while I am here is counted on. */
export const stateAfterMove = (there: RoomState, here: RoomState): RoomState => ({
  ...there,
  transcriptTurns: there.room ? turns(here, there.room) : here.transcriptTurns,
  deletions: here.deletions,
});

const turns = ({ room, transcriptTurns }: RoomState, now: RoomView): number =>
  room && room.transcript !== now.transcript ? transcriptTurns + 1 : transcriptTurns;

const statusKey = (status: StatusMessage) => `${status.language} ${status.speaker.id}`;

export function withStatus(state: RoomState, status: StatusMessage): RoomState {
  return { ...state, statuses: new Map(state.statuses).set(statusKey(status), status) };
}

type Change<N extends NotificationName> = (state: RoomState, data: Notifications[N]) => RoomState;

/** The participant whom a notification is about may be me or somebody else. */
function withParticipantChange(state: RoomState, change: ParticipantChange): RoomState {
  const { participantId: id } = change.data;
  if (state.you?.id === id) return { ...state, you: updatedParticipant(state.you, change) };
  const known = state.others.get(id);
  return known ? { ...state, others: new Map(state.others).set(id, updatedParticipant(known, change)) } : state;
}

function without<V>(map: ReadonlyMap<string, V>, unwanted: (value: V, key: string) => boolean): ReadonlyMap<string, V> {
  return new Map([...map].filter(([key, value]) => !unwanted(value, key)));
}

/** An interpreter that stops captioning a language takes what it said of its state along. */
function withoutCaptions(state: RoomState, participantId: string, dataProducerId: string): RoomState {
  const language = state.others.get(participantId)?.dataProducers.find(({ id }) => id === dataProducerId)
    ?.booth?.language;
  const data = { participantId, dataProducerId };
  const rest = withParticipantChange(state, { name: 'dataProducer.closed', data });
  return language ? { ...rest, statuses: without(rest.statuses, (status) => status.language === language) } : rest;
}

function withMembership(set: ReadonlySet<string>, id: string, isMember: boolean): ReadonlySet<string> {
  if (set.has(id) === isMember) return set;
  return isMember ? new Set(set).add(id) : new Set([...set].filter((other) => other !== id));
}

function left(state: RoomState, participantId: string): RoomState {
  let rest = state;
  for (const { id } of state.others.get(participantId)?.dataProducers ?? [])
    rest = withoutCaptions(rest, participantId, id);
  return {
    ...rest,
    others: without(rest.others, (_, id) => id === participantId),
    tooQuiet: withMembership(rest.tooQuiet, participantId, false),
    statuses: without(rest.statuses, (status) => status.speaker.id === participantId),
  };
}

const unchanged = (state: RoomState) => state;

const changes: { [N in NotificationName]: Change<N> } = {
  'participant.joined': (state, { participant }) =>
    participant.id === state.you?.id
      ? state
      : { ...state, others: new Map(state.others).set(participant.id, participant) },
  'participant.updated': (state, data) => withParticipantChange(state, { name: 'participant.updated', data }),
  'participant.suggested': (state, { speaks }) => ({ ...state, suggested: speaks }),
  'participant.tooQuiet': (state, { participantId, isTooQuiet }) => ({
    ...state,
    tooQuiet: withMembership(state.tooQuiet, participantId, isTooQuiet),
  }),
  'participant.left': (state, { participantId }) => left(state, participantId),
  'producer.created': (state, data) => withParticipantChange(state, { name: 'producer.created', data }),
  'producer.paused': (state, data) => withParticipantChange(state, { name: 'producer.paused', data }),
  'producer.resumed': (state, data) => withParticipantChange(state, { name: 'producer.resumed', data }),
  'producer.closed': (state, data) => withParticipantChange(state, { name: 'producer.closed', data }),
  'dataProducer.created': (state, data) => withParticipantChange(state, { name: 'dataProducer.created', data }),
  'dataProducer.closed': (state, { participantId, dataProducerId }) =>
    withoutCaptions(state, participantId, dataProducerId),
  // A consumer ends with its producer, which is handled above.
  'consumer.closed': unchanged,
  'dataConsumer.closed': unchanged,
  // The room is the same there.
  'room.moving': unchanged,
  'room.moved': unchanged,
  'room.updated': (state, { room }) => ({ ...state, room, transcriptTurns: turns(state, room) }),
  'waitingRoom.updated': (state, { waiting }) => ({ ...state, waiting }),
  // Sent to those who are not in the room yet.
  'waitingRoom.admitted': unchanged,
  'readers.updated': (state, { readers }) => ({ ...state, readers }),
  'token.renewed': (state) => ({ ...state, expires: undefined }),
  'token.expiring': (state, { expires }) => ({ ...state, expires }),
  'transcript.deleted': (state) => ({ ...state, deletions: state.deletions + 1 }),
  'budget.changed': (state, { budget }) => ({ ...state, budget: budget ?? undefined }),
  // Sent to interpreters only.
  'session.moved': unchanged,
};

/** The state after a notification; one of a newer server changes nothing. */
export function notified<N extends NotificationName>(state: RoomState, name: N, data: Notifications[N]): RoomState {
  return Object.hasOwn(changes, name) ? changes[name](state, data) : state;
}

export function withPreferences(state: RoomState, preferences: Partial<Preferences>): RoomState {
  if (!state.you) return state;
  // Who has just said what they speak is not asked what was asked before.
  const suggested = preferences.speaks === undefined ? state.suggested : undefined;
  return { ...state, you: { ...state.you, ...preferences }, suggested };
}
