/**
 * What there is to see while somebody speaks: what is shared in the room, whoever shares it, else the speaker's camera. Pure.
 *
 * Hard requirement: nobody is seen who refused it.
 */
import type { ParticipantView, ProducerView } from '../../protocol/rooms.ts';

export interface VideoTarget {
  producerId: string;
  kind: 'screen' | 'camera';
}

/** Of several screens, the one that whoever speaks shares; else the first that came. */
export function videoTargetFor(
  speaker: string,
  participants: ReadonlyMap<string, ParticipantView>,
): VideoTarget | undefined {
  const willing = [...participants.values()].filter(
    ({ kind, interpret, pictures }) => kind === 'person' && interpret && pictures,
  );
  const own = willing.filter(({ id }) => id === speaker);
  const screen = shownBy(own, 'screen') ?? shownBy(willing, 'screen');
  return screen ?? shownBy(own, 'camera');
}

function shownBy(people: readonly ParticipantView[], kind: VideoTarget['kind']): VideoTarget | undefined {
  const shows = ({ source, paused, kind: medium, booth }: ProducerView) =>
    medium === 'video' && source === kind && !paused && !booth;
  const producer = people.flatMap(({ producers }) => producers).find(shows);
  return producer && { producerId: producer.id, kind };
}
