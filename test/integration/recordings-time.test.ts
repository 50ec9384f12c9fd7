/** Where the sound and the pictures of a recording are in time. */
import { describe, expect, it } from 'vitest';
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { videoFrames } from '../../recordings/video-frames.ts';
import { ffmpegPrograms, made, speechIn } from '../support/recordings.ts';

/** The second at which something is heard. */
const onset = (samples: Int16Array): number => samples.findIndex((x) => Math.abs(x) > 1000) / SPEECH_SAMPLE_RATE;
const containers = ['talk.ts', 'talk.mp4', 'talk.mkv', 'talk.mov'];
const lavfi = (source: string): string[] => ['-f', 'lavfi', '-i', source];
const encoded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];

describe.each(containers)('sound in %s that starts 1.5 s after the picture', (name) => {
  const talk = () =>
    made(name, ...lavfi('testsrc=size=160x90:rate=10:d=4'), '-itsoffset', '1.5', ...lavfi('sine=440:d=2'), ...encoded);

  it('keeps its place', async () => {
    expect(onset(await speechIn(talk(), ffmpegPrograms))).toBeCloseTo(1.5, 0.7);
  });

  it('keeps its place where the reading begins later', async () => {
    expect(onset(await speechIn(talk(), ffmpegPrograms, { fromSeconds: 1 }))).toBeCloseTo(0.5, 0.7);
  });
});

it.each(containers)('sound in %s that starts before the picture is at the beginning', async (name) => {
  const talk = made(
    name,
    ...['-itsoffset', '1.5', ...lavfi('testsrc=size=160x90:rate=10:d=4'), ...lavfi('sine=440:d=5'), ...encoded],
  );
  expect(onset(await speechIn(talk, ffmpegPrograms))).toBeLessThan(0.1);
});

it.each(containers)('the picture of %s that starts 3 s after the sound changes when it does', async (name) => {
  const change = "color=white:size=160x90:rate=10:d=6,drawbox=color=black:t=fill:enable='gte(t,1.5)'";
  const talk = made(name, ...['-itsoffset', '3', ...lavfi(change), ...lavfi('sine=440:d=8'), ...encoded]);
  const isDark: boolean[] = [];
  const options = { everySeconds: 1, longSide: 160, fromSeconds: 0 };
  for await (const { pixels } of videoFrames(talk, ffmpegPrograms, options)) isDark.push((pixels[0] ?? 0) < 128);
  expect(isDark.indexOf(true)).toBe(5);
});
