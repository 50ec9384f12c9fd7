/** The people of a host's room as an interpreter sees them, with what the host leaves out. Pure. */
import type { ParticipantView, ProducerView } from '@mediasoup-booth/protocol';
import type { RemoteConsumer, RemotePerson, RemoteProducer } from './remote-room.ts';

/**
 * @param pushed consumers whose producers belong to the persons that they name, in addition to those that the host names
 * @param self the interpreter's own id
 */
export function participantsOf(
  people: Iterable<RemotePerson>,
  pushed: Iterable<RemoteConsumer>,
  self: string,
): Map<string, ParticipantView> {
  const ofPersons = Map.groupBy(pushed, ({ personId }) => personId);
  const participants = [...people].map((person) => participantOf(person, ofPersons.get(person.id) ?? [], self));
  return new Map(participants.map((participant) => [participant.id, participant]));
}

function participantOf(person: RemotePerson, pushed: readonly RemoteConsumer[], self: string): ParticipantView {
  const { id, name, kind, hidden, speaks, hears, reads, interpret, pictures, dataProducers } = person;
  const named = (person.producers ?? []).map(producerOf);
  const more = pushed.filter(({ producerId }) => named.every((producer) => producer.id !== producerId));
  return {
    id,
    name: name ?? id,
    kind: kind ?? (id === self ? 'interpreter' : 'person'),
    hidden: hidden ?? false,
    speaks: speaks ?? null,
    hears: hears ?? 'original',
    reads: reads ?? [],
    interpret: interpret ?? true,
    pictures: pictures ?? true,
    producers: [...named, ...more.map((consumer) => producerOf({ ...consumer, id: consumer.producerId }))],
    dataProducers: dataProducers ?? [],
  };
}

const producerOf = ({ id, kind, source, paused, ...more }: RemoteProducer & Partial<ProducerView>): ProducerView => ({
  id,
  kind,
  source: source ?? (kind === 'audio' ? 'microphone' : 'camera'),
  paused: paused ?? false,
  ...(more.booth && { booth: more.booth }),
});
