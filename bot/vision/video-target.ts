/**
 * Decides which video translation sessions are shown while somebody speaks: a screen that is shared in the room, whoever shares it, else
 * the speaker's camera. Pure.
 *
 * Hard requirement: the video of a participant who refuses pictures is never chosen.
 */
import type { ParticipantView, ProducerView } from '../../protocol/rooms.ts';

export type PictureKind = 'screen' | 'camera';

/** A video that is captured. */
export interface VideoTarget {
  producerId: string;
  kind: PictureKind;
}

/** Of several screens, the speaker's own is chosen, else the first. Undefined where there is nothing to show. */
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

function shownBy(people: readonly ParticipantView[], kind: PictureKind): VideoTarget | undefined {
  const shows = ({ source, paused, kind: medium, booth }: ProducerView) =>
    medium === 'video' && source === kind && !paused && !booth;
  const producer = people.flatMap(({ producers }) => producers).find(shows);
  return producer && { producerId: producer.id, kind };
}
