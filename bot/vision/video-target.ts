/**
 * Decides which video the translation sessions of a speaker are shown while they speak: a screen that is shared in the room, whoever
 * shares it, else the speaker's camera. Pure.
 *
 * Hard requirement: the video of a participant who has not allowed pictures and interpretation is never chosen.
 */
import type { ParticipantView, ProducerView, TrackSource } from '@mediasoup-booth/protocol';

/** The track sources of which pictures are captured. */
export type PictureSource = Extract<TrackSource, 'screen' | 'camera'>;

/** A video that is captured. */
export interface VideoTarget {
  producerId: string;
  source: PictureSource;
}

/** Chooses the speaker's own screen if several are shared, else the first screen. Undefined if there is nothing to show. */
export function videoTargetFor(
  speaker: string,
  participants: ReadonlyMap<string, ParticipantView>,
): VideoTarget | undefined {
  const consenting = [...participants.values()].filter(
    ({ kind, interpret, pictures }) => kind === 'person' && interpret && pictures,
  );
  const own = consenting.filter(({ id }) => id === speaker);
  const screen = findVideo(own, 'screen') ?? findVideo(consenting, 'screen');
  return screen ?? findVideo(own, 'camera');
}

function findVideo(participants: readonly ParticipantView[], source: PictureSource): VideoTarget | undefined {
  // A producer that has `booth` was published by an interpreter.
  const matches = (producer: ProducerView) =>
    producer.kind === 'video' && producer.source === source && !producer.paused && !producer.booth;
  const producer = participants.flatMap(({ producers }) => producers).find(matches);
  return producer && { producerId: producer.id, source };
}
