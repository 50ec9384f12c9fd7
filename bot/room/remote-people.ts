/** The people of a host's room as an interpreter sees them, with what the host leaves out. Pure. */
import type { ParticipantView, ProducerView } from '@mediasoup-booth/protocol';
import type { RemoteConsumer, RemotePerson, RemoteProducer } from './remote-room.ts';

type Canonical = (code: string) => string;

/**
 * @param canonical the language that a code or locale of the host's means
 * @param pushed consumers whose producers belong to the persons that they name, in addition to those that the host names
 * @param self the interpreter's own id
 */
export function participantsOf(
  people: Iterable<RemotePerson>,
  pushed: Iterable<RemoteConsumer>,
  self: string,
  canonical: Canonical = (code) => code,
): Map<string, ParticipantView> {
  const ofPersons = Map.groupBy(pushed, ({ personId }) => personId);
  const participants = [...people].map((person) => {
    return participantOf(person, ofPersons.get(person.id) ?? [], self, canonical);
  });
  return new Map(participants.map((participant) => [participant.id, participant]));
}

function participantOf(
  person: RemotePerson,
  pushed: readonly RemoteConsumer[],
  self: string,
  canonical: Canonical,
): ParticipantView {
  const { id, name, kind, hidden, speaks, hears, reads, interpret, pictures, dataProducers } = person;
  const named = (person.producers ?? []).map(producerOf);
  const more = pushed.filter(({ producerId }) => named.every((producer) => producer.id !== producerId));
  return {
    id,
    name: name ?? id,
    kind: kind ?? (id === self ? 'interpreter' : 'person'),
    hidden: hidden ?? false,
    speaks: typeof speaks === 'string' ? canonical(speaks) : null,
    hears: canonical(hears ?? 'original'),
    reads: (reads ?? []).map(canonical),
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
