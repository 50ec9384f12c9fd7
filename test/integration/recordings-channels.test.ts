/** Who is heard in recordings of six channels. */
import { describe, expect, it } from 'vitest';
import { ffmpegPrograms, made, speechIn } from '../support/recordings.ts';

const rms = (samples: Int16Array): number => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
/** Six channels, of which one has a tone. */
const withToneAt = (name: string, layout: string, channel: number, ...options: string[]): string => {
  const channels = Array.from({ length: 6 }, (_, i) => (i === channel ? '0.4*sin(2*PI*300*t)' : '0'));
  return made(name, '-f', 'lavfi', '-i', `aevalsrc=${channels.join('|')}:c=${layout}:d=1:s=16000`, ...options);
};
const readers = [
  ['with FFmpeg', ffmpegPrograms],
  ['without FFmpeg', undefined],
] as const;

describe.each(readers)('six channels, read %s', (_how, programs) => {
  it.each(['array.wav', 'array.flac'])('in %s are heard alike where they are microphones in a circle', async (name) => {
    const first = rms(await speechIn(withToneAt(name, 'hexagonal', 0), programs));
    const fourth = rms(await speechIn(withToneAt(name, 'hexagonal', 3), programs));
    expect(fourth / first).toBeCloseTo(1, 1);
  });

  it.each(['surround.wav', 'surround.flac'])('in %s are heard without the effects where they are 5.1', async (name) => {
    expect(rms(await speechIn(withToneAt(name, '5.1', 3), programs))).toBeLessThan(10);
    const centre = rms(await speechIn(withToneAt(name, '5.1', 2), programs));
    for (const channel of [0, 1, 4, 5])
      expect(rms(await speechIn(withToneAt(name, '5.1', channel), programs))).toBeGreaterThan(0.5 * centre);
  });
});

describe('six channels that FFmpeg reads', () => {
  it.each([
    ['talk.m4a', 'aac'],
    ['talk.opus', 'libopus'],
    ['talk.ac3', 'ac3'],
  ])('in %s are heard without the effects', async (name, codec) => {
    const heard = async (channel: number) =>
      rms(await speechIn(withToneAt(name, '5.1', channel, '-c:a', codec, '-ar', '48000'), ffmpegPrograms));
    const [effects, centre, back] = [await heard(3), await heard(2), await heard(5)];
    expect(effects).toBeLessThan(0.05 * centre);
    expect(back).toBeGreaterThan(0.5 * centre);
  });

  // Matroska does not tell the layout of PCM.
  it('are all heard where the file does not tell its layout', async () => {
    const heard = async (channel: number) =>
      rms(await speechIn(withToneAt('array.mkv', '6.0', channel, '-c:a', 'pcm_s16le'), ffmpegPrograms));
    expect((await heard(3)) / (await heard(0))).toBeCloseTo(1, 1);
  });
});
