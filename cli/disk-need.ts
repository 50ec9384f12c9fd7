/** How many bytes a translation takes on the disk at its fullest, which is just before everything is written. No I/O. */
import { VOICE_SAMPLE_RATE } from '../audio/sample-rates.ts';
import type { SoundFormat } from '../recordings/outputs.ts';

export interface DiskNeed {
  /** The length of the recording. */
  seconds: number;
  /** The size of the recording's file. */
  inputBytes: number;
  /** Undefined: no sound is written. */
  sound: SoundFormat | undefined;
  /** How many voices are written. */
  voices: number;
  /** How many languages have subtitles. */
  subtitles: number;
  /** The video of an MP4 is copied as it is, and not encoded again. */
  isVideoCopied: boolean;
}

const PCM_BYTES_PER_SECOND = 2 * VOICE_SAMPLE_RATE;
/** 48 kbit/s. */
const OPUS_BYTES_PER_SECOND = 6000;
/** 128 kbit/s. */
const AAC_BYTES_PER_SECOND = 16_000;
/** Video that is encoded again, of 720 lines. */
const VIDEO_BYTES_PER_SECOND = 250_000;
/** Fast speech in two languages, as UTF-8, in the journal and in a file. */
const TEXT_BYTES_PER_SECOND = 200;

/** @example bytesNeeded({ seconds: 60, inputBytes: 1e6, sound: 'wav', voices: 1, subtitles: 0, isVideoCopied: true }) // 5_760_000 */
export function bytesNeeded(need: DiskNeed): number {
  const { seconds, sound, voices, subtitles } = need;
  const texts = seconds * TEXT_BYTES_PER_SECOND * subtitles;
  if (sound === undefined) return texts;
  const kept = seconds * PCM_BYTES_PER_SECOND * voices;
  return texts + kept + writtenBytes(need, sound);
}

function writtenBytes({ seconds, inputBytes, voices, isVideoCopied }: DiskNeed, sound: SoundFormat): number {
  const mixed = seconds * PCM_BYTES_PER_SECOND;
  if (sound === 'wav') return mixed * voices;
  // One language after the other is mixed.
  if (sound === 'opus') return mixed + seconds * OPUS_BYTES_PER_SECOND * voices;
  const video = isVideoCopied ? inputBytes : Math.max(inputBytes, seconds * VIDEO_BYTES_PER_SECOND);
  return (mixed + seconds * AAC_BYTES_PER_SECOND) * voices + video;
}
