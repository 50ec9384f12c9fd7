/**
 * Audio levels on a scale for meters, from 0 (−60 dBFS and less) to 1 (full scale). A remote track is measured by the audio level in its
 * RTP packets, which costs nothing; only a track whose packets carry none is decoded for it.
 */
import type { Playback, Sound } from './playback.ts';

/** Measures the level of one track with Web Audio. */
export class LevelMeter {
  readonly #source: MediaStreamAudioSourceNode;
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;

  constructor(context: AudioContext, track: MediaStreamTrack) {
    this.#source = context.createMediaStreamSource(new MediaStream([track]));
    this.#analyser = context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#source.connect(this.#analyser);
  }

  level(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    return perceivedLevel(Math.sqrt(sum / this.#samples.length));
  }

  close(): void {
    this.#source.disconnect();
  }
}

/** The level of an amplitude on a logarithmic scale: −60 dBFS is 0, full scale is 1. */
function perceivedLevel(amplitude: number): number {
  if (amplitude <= 0.001) return 0;
  return Math.min(1, 1 + (20 * Math.log10(amplitude)) / 60);
}

/** A sound that has a track to measure. */
type MeasuredTrack = Pick<Sound, 'participantId' | 'amplitude'> & { track: MediaStreamTrack };

/** Measures the levels of remote participants. Holds at most one meter for each track that is present. */
export class RemoteLevels {
  /** Meters of the tracks whose packets carry no audio level; at most one for each track that is present. */
  readonly #meters = new Map<MediaStreamTrack, LevelMeter>();
  #context: AudioContext | undefined;

  /** Levels from 0 to 1 by participant id. */
  measure(voices: readonly MeasuredTrack[]): Map<string, number> {
    this.#prune(voices);
    return new Map(voices.map((voice) => [voice.participantId, this.#levelOf(voice)]));
  }

  /** Whether any of these sounds; true also where that cannot be known, as before the person's first gesture. */
  anySounds(voices: readonly MeasuredTrack[]): boolean {
    this.#prune(voices);
    return voices.some((voice) => {
      const isKnown = () => voice.amplitude?.() !== undefined || this.#context?.state === 'running';
      return this.#levelOf(voice) > 0 || !isKnown();
    });
  }

  /** Ends the measuring, until it is asked for again. */
  close(): void {
    this.#prune([]);
    this.#context?.close().catch(() => undefined);
    // Whoever measures again begins anew, as an element that is put into the document again.
    this.#context = undefined;
  }

  #levelOf({ track, amplitude }: MeasuredTrack): number {
    const packetLevel = amplitude?.();
    if (packetLevel !== undefined) return perceivedLevel(packetLevel);
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

/** What can be measured of a sound, by its producer, because one participant may have several sounds. */
export const measuredByProducer = ({ producerId, kind, track, amplitude }: Sound): MeasuredTrack[] =>
  kind === 'audio' && track ? [{ participantId: producerId, track, ...(amplitude && { amplitude }) }] : [];

/** The level of everything that is played, at the volume at which it is played. */
export class PlaybackLevel {
  readonly #levels = new RemoteLevels();

  of(sounds: readonly Sound[], playback: Playback): number {
    const levels = this.#levels.measure(sounds.flatMap(measuredByProducer));
    return Math.max(0, ...[...levels].map(([id, level]) => level + decibels(playback.volumeOf(id)) / 60));
  }

  close(): void {
    this.#levels.close();
  }
}

const decibels = (amplitude: number): number => 20 * Math.log10(amplitude);
