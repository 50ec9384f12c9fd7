/**
 * How loud the others are: from the audio level that comes with their packets, which costs nothing, else from listening to
 * their track.
 */
import { LevelMeter, loudness } from './level.ts';
import type { Sound } from './playback.ts';

/** A sound of which there is a track. */
export type MeasuredTrack = Pick<Sound, 'participantId' | 'amplitude'> & { track: MediaStreamTrack };

export class RemoteLevels {
  /** Of those whose packets do not tell: at most one for each track that is there. */
  readonly #meters = new Map<MediaStreamTrack, LevelMeter>();
  #context: AudioContext | undefined;

  /** By participant, from 0 to 1. */
  measure(voices: readonly MeasuredTrack[]): Map<string, number> {
    this.#prune(voices);
    return new Map(voices.map((voice) => [voice.participantId, this.#levelOf(voice)]));
  }

  close(): void {
    this.#prune([]);
    this.#context?.close().catch(() => undefined);
  }

  #levelOf({ track, amplitude }: MeasuredTrack): number {
    const told = amplitude?.();
    if (told !== undefined) return loudness(told);
    const meter = this.#meters.get(track) ?? this.#addMeter(track);
    return meter.level();
  }

  #addMeter(track: MediaStreamTrack): LevelMeter {
    this.#context ??= new AudioContext();
    const meter = new LevelMeter(this.#context, track);
    this.#meters.set(track, meter);
    return meter;
  }

  #prune(voices: readonly MeasuredTrack[]): void {
    for (const [track, meter] of this.#meters) {
      if (voices.some((voice) => voice.track === track)) continue;
      meter.close();
      this.#meters.delete(track);
    }
  }
}
