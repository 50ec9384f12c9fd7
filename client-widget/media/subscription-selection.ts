/**
 * Selects which tracks and captions of a room the client subscribes to, by the languages that its user hears and reads: the microphone,
 * camera and screen of everybody, the channel of the language that is heard and no other, the captions that are read. Pure.
 */
import type { ParticipantView, Preferences, TrackSource } from '@mediasoup-booth/protocol';

export interface WantedTrack {
  producerId: string;
  participantId: string;
  kind: 'audio' | 'video';
  source: TrackSource;
}

/** The grant without which the server refuses a track. */
export const grantFor: Readonly<Record<TrackSource, 'originals' | 'cameras' | 'channels'>> = {
  microphone: 'originals',
  screenAudio: 'originals',
  camera: 'cameras',
  screen: 'cameras',
  channel: 'channels',
};

type Listener = Pick<Preferences, 'hears' | 'reads'>;

export function wantedTracks(others: Iterable<ParticipantView>, listener: Listener, myId: string): WantedTrack[] {
  const wanted: WantedTrack[] = [];
  let channelFound = false;
  for (const { id: participantId, producers } of others) {
    for (const { id: producerId, kind, source, booth } of producers) {
      if (booth) {
        if (booth.role !== 'channel' || booth.language !== listener.hears || booth.speaker === myId) continue;
        // Two interpreters may serve one language for a moment; only one voice is received.
        if (booth.speaker === undefined && channelFound) continue;
        channelFound ||= booth.speaker === undefined;
      }
      wanted.push({ producerId, participantId, kind, source });
    }
  }
  return wanted;
}

/**
 * Returns the ids of the data producers that are wanted: for their captions, or for their messages about whose translation is playing.
 *
 * @param everyLanguage also selects languages that are neither read nor heard: a page that shows the progress of all listeners needs them
 */
export function wantedCaptions(
  others: Iterable<ParticipantView>,
  { hears, reads }: Listener,
  everyLanguage = false,
): string[] {
  const languages = new Set<string>([hears, ...reads]);
  const all = everyLanguage || reads.includes('original');
  const wanted: string[] = [];
  for (const { dataProducers } of others) {
    for (const { id, booth } of dataProducers) {
      if (booth?.role === 'captions' && (all || languages.has(booth.language))) wanted.push(id);
    }
  }
  return wanted;
}
