/** How much room a translation needs on the disk. */
import { describe, expect, it } from 'vitest';
import { bytesNeeded, type DiskNeed } from '../../../cli/disk-need.ts';

const hour: DiskNeed = {
  seconds: 3600,
  inputBytes: 1_000_000_000,
  sound: 'wav',
  voices: 1,
  subtitles: 0,
  isVideoCopied: true,
};
const VOICE = 3600 * 48_000;

describe('an hour', () => {
  it.each<[string, Partial<DiskNeed>, number]>([
    ['as WAV is the voice as it came, and mixed', {}, 2 * VOICE],
    ['as WAV in three languages is three times that', { voices: 3 }, 6 * VOICE],
    ['as Opus in three languages has one mix at a time', { sound: 'opus', voices: 3 }, 4 * VOICE + 3 * 3600 * 6000],
    ['as MP4 holds the video once more', { sound: 'mp4', voices: 2 }, 4 * VOICE + 2 * 3600 * 16_000 + 1e9],
    [
      'as MP4 holds small video that is encoded again',
      { sound: 'mp4', inputBytes: 1e6, isVideoCopied: false },
      2 * VOICE + 3600 * 16_000 + 9e8,
    ],
    ['as subtitles is a few hundred kilobytes', { sound: undefined, subtitles: 1 }, 720_000],
  ])('%s', (_what, given, bytes) => {
    expect(bytesNeeded({ ...hour, ...given })).toBe(bytes);
  });
});
