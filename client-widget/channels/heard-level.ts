/** How loud what is heard is, at the volume at which it is played: from 0 (−60 dB and less) to 1. */

import { type MeasuredTrack, RemoteLevels } from '../media/audio-levels.ts';
import type { Playback, Sound } from '../media/playback.ts';

export class PlaybackLevel {
  readonly #levels = new RemoteLevels();

  of(sounds: readonly Sound[], playback: Playback): number {
    // By what is played, for one participant may be heard twice.
    const measurable = sounds.flatMap(({ producerId, kind, track, amplitude }): MeasuredTrack[] =>
      kind === 'audio' && track ? [{ participantId: producerId, track, ...(amplitude && { amplitude }) }] : [],
    );
    const levels = this.#levels.measure(measurable);
    return Math.max(0, ...[...levels].map(([id, level]) => level + decibels(playback.volumeOf(id)) / 60));
  }

  close(): void {
    this.#levels.close();
  }
}

const decibels = (amplitude: number): number => 20 * Math.log10(amplitude);
