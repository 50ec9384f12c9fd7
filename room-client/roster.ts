/** The participants of a room and what they publish: the join reply, updated by the room's notifications. No timers, no sockets. */
import type { NotificationName, Notifications, ParticipantView } from '@mediasoup-booth/protocol';

/** Every notification that changes the roster. */
export const rosterNotifications = [
  'participant.joined',
  'participant.updated',
  'participant.left',
  'producer.created',
  'producer.paused',
  'producer.resumed',
  'producer.closed',
  'dataProducer.created',
  'dataProducer.closed',
] as const;
type RosterNotification = (typeof rosterNotifications)[number];

type RosterChange = { [N in RosterNotification]: { name: N; data: Notifications[N] } }[RosterNotification];
/** A notification that changes a participant who is in the room already. */
export type ParticipantChange = Exclude<RosterChange, { name: 'participant.joined' | 'participant.left' }>;

const names: ReadonlySet<string> = new Set(rosterNotifications);

/** Returns the notification as a change of the roster; undefined where it does not change the roster. */
export function rosterChange<N extends NotificationName>(name: N, data: Notifications[N]): RosterChange | undefined {
  return names.has(name) ? ({ name, data } as unknown as RosterChange) : undefined;
}

export class Roster {
  readonly #participants: Map<string, ParticipantView>;

  constructor(participants: readonly ParticipantView[]) {
    this.#participants = new Map(participants.map((participant) => [participant.id, participant]));
  }

  /** Participants by id, in the order of joining. A view is replaced when it changes, and never modified. */
  get participants(): ReadonlyMap<string, ParticipantView> {
    return this.#participants;
  }

  apply(change: RosterChange): void {
    switch (change.name) {
      case 'participant.joined':
        this.#participants.set(change.data.participant.id, change.data.participant);
        break;
      case 'participant.left':
        this.#participants.delete(change.data.participantId);
        break;
      default: {
        const { participantId } = change.data;
        const participant = this.#participants.get(participantId);
        if (participant) this.#participants.set(participantId, updatedParticipant(participant, change));
      }
    }
  }

  /** Whether somebody publishes this producer or data producer. */
  publishes(id: string): boolean {
    const hasId = (published: { id: string }) => published.id === id;
    return [...this.#participants.values()].some(
      ({ producers, dataProducers }) => producers.some(hasId) || dataProducers.some(hasId),
    );
  }
}

/** The participant after a notification about them. */
export function updatedParticipant(participant: ParticipantView, { name, data }: ParticipantChange): ParticipantView {
  const { producers, dataProducers } = participant;
  switch (name) {
    case 'participant.updated':
      return { ...participant, ...data.preferences };
    case 'producer.created':
      return { ...participant, producers: [...without(producers, data.producer.id), data.producer] };
    case 'producer.paused':
    case 'producer.resumed': {
      const paused = name === 'producer.paused';
      return {
        ...participant,
        producers: producers.map((producer) => (producer.id === data.producerId ? { ...producer, paused } : producer)),
      };
    }
    case 'producer.closed':
      return { ...participant, producers: without(producers, data.producerId) };
    case 'dataProducer.created':
      return { ...participant, dataProducers: [...without(dataProducers, data.dataProducer.id), data.dataProducer] };
    case 'dataProducer.closed':
      return { ...participant, dataProducers: without(dataProducers, data.dataProducerId) };
  }
}

const without = <T extends { id: string }>(list: readonly T[], id: string): T[] => list.filter((one) => one.id !== id);
