/**
 * Stand-ins of local tracks that are published where nothing is to be heard yet: each microphone is replaced by a copy of it that is silent, and
 * can be replaced by itself without a gap. Cameras and screens are left out.
 */
import type { TrackSource } from '@mediasoup-booth/protocol';
import type { LocalTrack, LocalTracks } from './publishing.ts';

export class SilentTracks {
  readonly #copies = new Map<MediaStreamTrack, MediaStreamTrack>();

  of(tracks: LocalTracks): LocalTracks {
    const silent = new Map<TrackSource, LocalTrack>();
    for (const [source, { track, paused }] of tracks)
      if (track.kind === 'audio') silent.set(source, { track: this.#copyOf(track), paused });
    const wanted = new Set([...tracks.values()].map(({ track }) => track));
    for (const track of this.#copies.keys()) if (!wanted.has(track)) this.#stop(track);
    return silent;
  }

  /** Ends the copies, each of which keeps its microphone open. */
  stop(): void {
    for (const track of this.#copies.keys()) this.#stop(track);
  }

  #stop(track: MediaStreamTrack): void {
    this.#copies.get(track)?.stop();
    this.#copies.delete(track);
  }

  #copyOf(track: MediaStreamTrack): MediaStreamTrack {
    const copy = this.#copies.get(track) ?? track.clone();
    copy.enabled = false;
    this.#copies.set(track, copy);
    return copy;
  }
}
