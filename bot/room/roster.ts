/** Who is in the room and what they publish: the join reply, kept up to date by the room's notifications. */
import type { ParticipantView } from '../../protocol/rooms.ts';
import type { Notifications } from '../../protocol/signalling.ts';

type Change = { [N in keyof Notifications]: { name: N; data: Notifications[N] } }[keyof Notifications];

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

export class Roster {
  readonly #participants: Map<string, ParticipantView>;

  constructor(participants: readonly ParticipantView[]) {
    this.#participants = new Map(participants.map((participant) => [participant.id, participant]));
  }

  /** In the order of joining. Views are replaced when they change, never written to. */
  get participants(): ReadonlyMap<string, ParticipantView> {
    return this.#participants;
  }

  apply(change: Change): void {
    switch (change.name) {
      case 'participant.joined':
        this.#participants.set(change.data.participant.id, change.data.participant);
        break;
      case 'participant.updated':
        this.#update(change.data.participantId, () => change.data.preferences);
        break;
      case 'participant.left':
        this.#participants.delete(change.data.participantId);
        break;
      case 'producer.created':
        this.#update(change.data.participantId, ({ producers }) => ({
          producers: [...producers.filter(({ id }) => id !== change.data.producer.id), change.data.producer],
        }));
        break;
      case 'producer.paused':
      case 'producer.resumed':
        this.#update(change.data.participantId, ({ producers }) => ({
          producers: producers.map((producer) =>
            producer.id === change.data.producerId
              ? { ...producer, paused: change.name === 'producer.paused' }
              : producer,
          ),
        }));
        break;
      case 'producer.closed':
        this.#update(change.data.participantId, ({ producers }) => ({
          producers: producers.filter(({ id }) => id !== change.data.producerId),
        }));
        break;
      case 'dataProducer.created':
        this.#update(change.data.participantId, ({ dataProducers }) => ({
          dataProducers: [
            ...dataProducers.filter(({ id }) => id !== change.data.dataProducer.id),
            change.data.dataProducer,
          ],
        }));
        break;
      case 'dataProducer.closed':
        this.#update(change.data.participantId, ({ dataProducers }) => ({
          dataProducers: dataProducers.filter(({ id }) => id !== change.data.dataProducerId),
        }));
        break;
    }
  }

  #update(id: string, change: (participant: ParticipantView) => Partial<ParticipantView>): void {
    const participant = this.#participants.get(id);
    if (participant) this.#participants.set(id, { ...participant, ...change(participant) });
  }
}
