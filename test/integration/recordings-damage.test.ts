/** Recordings that are damaged: they are read as far as they can be, and it is told where that is not to their end. */
import { chmodSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { formatWav } from '../../audio/wav.ts';
import type { Damage } from '../../recordings/speech-of.ts';
import { runBooth } from '../support/booth-process.ts';
import { ffmpegPrograms, made, speechIn, written } from '../support/recordings.ts';

const SECONDS = 12;
const BEEP_AT = 10.5;
type Programs = typeof ffmpegPrograms | undefined;

/** Noise, which compresses little, and a loud beep of a second towards the end. */
const recording = (name: string, ...options: string[]): string => {
  const noise = `anoisesrc=d=${SECONDS}:a=0.02:seed=1:r=16000`;
  const beep = `sine=440:d=1:r=16000,volume=6,adelay=${BEEP_AT * 1000}`;
  const mixed = ['-filter_complex', '[0][1]amix=inputs=2:normalize=0:duration=first'];
  return made(name, ...['-f', 'lavfi', '-i', noise, '-f', 'lavfi', '-i', beep, ...mixed, ...options]);
};
const ofBytes = (path: string, change: (bytes: Buffer) => Uint8Array): string =>
  written(path.split('/').at(-1) ?? '', change(readFileSync(path)));
const cutInHalf = (path: string): string => ofBytes(path, (bytes) => bytes.subarray(0, bytes.length / 2));

async function read(path: string, programs: Programs, fromSeconds = 0) {
  const damages: Damage[] = [];
  const samples = await speechIn(path, programs, { fromSeconds, onDamage: (damage) => damages.push(damage) });
  const beepAt = samples.findIndex((x) => Math.abs(x) > 8000) / SPEECH_SAMPLE_RATE;
  return { seconds: samples.length / SPEECH_SAMPLE_RATE, beepAt, damages };
}

describe('a recording that was cut', () => {
  it.each<[string, string[], Programs]>([
    ['talk.mp4', ['-c:a', 'aac', '-movflags', '+faststart'], ffmpegPrograms],
    ['talk.mkv', ['-c:a', 'aac'], ffmpegPrograms],
    ['talk.flac', [], ffmpegPrograms],
    ['talk.flac', [], undefined],
    ['talk.wav', [], undefined],
    ['talk-64.wav', ['-rf64', 'always'], undefined],
  ])('is read as far as it goes, which is told: %s', async (name, options, programs) => {
    const { seconds, damages } = await read(cutInHalf(recording(name, ...options)), programs);
    expect(seconds).toBeGreaterThan(SECONDS / 2 - 1.5);
    expect(seconds).toBeLessThan(SECONDS / 2 + 1.5);
    expect(damages.map(({ readSeconds }) => readSeconds)).toEqual([seconds]);
  });

  it('is told where the reading began later, too', async () => {
    const cut = cutInHalf(recording('talk.flac'));
    for (const programs of [ffmpegPrograms, undefined]) {
      const { seconds, damages } = await read(cut, programs, 3);
      expect(damages.map(({ readSeconds }) => readSeconds)).toEqual([3 + seconds]);
      expect((await read(cut, programs, 8)).damages).toHaveLength(1);
    }
  });

  it('is told by booth translate in one line', async () => {
    const cut = cutInHalf(recording('talk.flac'));
    const { exitCode, stderr } = await runBooth(['translate', cut, '--from', 'en', '--to', 'es', '--dry-run']);
    expect(exitCode).toBe(0);
    const told = stderr.split('\n').filter((line) => line.startsWith(cut));
    expect(told).toEqual([expect.stringMatching(/: could be read to 0:0\d of 0:12; what follows is damaged$/)]);
  });
});

describe('a recording that is whole', () => {
  it.each<[string, string[], Programs]>([
    ['talk.mp4', ['-c:a', 'aac'], ffmpegPrograms],
    ['talk.mp3', [], ffmpegPrograms],
    ['talk.mp3', [], undefined],
    ['talk.flac', [], undefined],
    ['talk.wav', [], undefined],
  ])('has nothing told of it: %s', async (name, options, programs) => {
    const { seconds, damages } = await read(recording(name, ...options), programs);
    expect(seconds).toBeCloseTo(SECONDS, 0);
    expect(damages).toEqual([]);
  });

  it('has nothing told of it where its size is that of a pipe', async () => {
    const bytes = Buffer.from(formatWav({ samples: new Int16Array(32_000).fill(100), sampleRate: 16_000 }));
    bytes.writeUInt32LE(0xffffffff, 40);
    expect(await read(written('piped.wav', bytes), undefined)).toMatchObject({ seconds: 2, damages: [] });
  });
});

describe('a recording that is damaged in the middle', () => {
  const damaged = (path: string): string =>
    ofBytes(path, (bytes) => {
      const middle = bytes.length / 2;
      for (let at = Math.floor(middle); at < middle + bytes.length / 24; at++) bytes[at] = (at * 7919) & 0xff;
      return bytes;
    });

  it.each<[string, string[], Programs]>([
    ['talk.mp4', ['-c:a', 'aac', '-movflags', '+faststart'], ffmpegPrograms],
    ['talk.mkv', ['-c:a', 'aac'], ffmpegPrograms],
    ['talk.ts', ['-c:a', 'aac'], ffmpegPrograms],
    ['talk.ogg', ['-c:a', 'libopus'], ffmpegPrograms],
    ['talk.flac', [], ffmpegPrograms],
    ['talk.flac', [], undefined],
  ])('goes on after it, in its place: %s', async (name, options, programs) => {
    const { beepAt, damages } = await read(damaged(recording(name, ...options)), programs);
    expect(beepAt).toBeGreaterThan(BEEP_AT - 0.3);
    expect(beepAt).toBeLessThan(BEEP_AT + 0.3);
    expect(damages).toEqual([]);
  });
});

it('what FFmpeg gave before it failed is kept, and told', async () => {
  const ffmpeg = written(
    'ffmpeg',
    `#!/bin/sh\n'${ffmpegPrograms.ffmpeg}' "$@" 2> /dev/null | head -c ${4 * 2 * SPEECH_SAMPLE_RATE}\nexit 187\n`,
  );
  chmodSync(ffmpeg, 0o755);
  const { seconds, damages } = await read(recording('talk.m4a', '-c:a', 'aac'), { ...ffmpegPrograms, ffmpeg });
  expect(seconds).toBe(4);
  expect(damages).toMatchObject([{ readSeconds: 4, error: { message: 'it ended with 187' } }]);
});
