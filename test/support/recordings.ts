/** Recordings of many formats, made of recorded sentences by SoX and FFmpeg. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { probe } from '../../recordings/probe.ts';
import { type SpeechChoice, speechOf } from '../../recordings/speech-of.ts';
import { speechDir } from '../../scripts/places.mjs';
import { findFfmpegPrograms, findSox } from '../../scripts/setup/ffmpeg.mjs';
import { temporaryFolder } from './booth-process.ts';
import { joined } from './sound.ts';

/** The programs that set-up has fetched, or the system's. */
export const ffmpegPrograms = (() => {
  const programs = findFfmpegPrograms(process.env);
  if (!programs) throw new Error('FFmpeg is not there: npm run setup -- ffmpeg');
  return programs;
})();

const soxProgram = findSox(process.env) ?? 'sox';

export const prompt = (name: string): string => join(speechDir(process.env), `${name}.wav`);

export function sox(...args: string[]): void {
  execFileSync(soxProgram, args, { stdio: 'pipe' });
}

export function ffmpeg(...args: string[]): void {
  execFileSync(ffmpegPrograms.ffmpeg, ['-nostdin', '-v', 'error', '-y', ...args], { stdio: 'pipe' });
}

/** The path of a file that FFmpeg makes, and that is gone after the test. */
export function made(name: string, ...args: string[]): string {
  const path = join(temporaryFolder(), name);
  ffmpeg(...args, path);
  return path;
}

/** The path of a file with this content, which is gone after the test. */
export function written(name: string, content: string | Uint8Array): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

/** The speech of a recording, at 16 kHz. */
export async function speechIn(
  path: string,
  programs: typeof ffmpegPrograms | undefined,
  choice: SpeechChoice = {},
): Promise<Int16Array> {
  const chunks: Int16Array[] = [];
  for await (const chunk of speechOf(await probe(path, { ffmpeg: programs }), SPEECH_SAMPLE_RATE, choice))
    chunks.push(chunk);
  return joined(chunks);
}

/** A recording format, and how a file of it is made of a WAV file. */
export interface FormatCase {
  /** The name of the file. */
  file: string;
  make(wav: string, out: string): void;
  /** Whether it is read without FFmpeg as well. */
  own: boolean;
}

const bySox =
  (...options: string[]) =>
  (wav: string, out: string): void =>
    sox(wav, ...options, out);
const byFfmpeg =
  (...options: string[]) =>
  (wav: string, out: string): void =>
    ffmpeg('-i', wav, ...options, out);
const withPicture =
  (...options: string[]) =>
  (wav: string, out: string): void =>
    ffmpeg('-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=5', '-i', wav, '-shortest', ...options, out);

const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

/** The channels of a file: `c0` is the voice, and 0 silence. */
const channels = (layout: string, ...gains: string[]): string[] => [
  '-af',
  `pan=${layout}|${gains.map((gain, channel) => `c${channel}=${gain}*c0`).join('|')}`,
];

export const formatCases: readonly FormatCase[] = [
  { file: 'u8.wav', make: bySox('-b', '8', '-e', 'unsigned'), own: true },
  { file: 's24.wav', make: bySox('-b', '24', '-e', 'signed'), own: true },
  { file: 's32-96k.wav', make: bySox('-b', '32', '-e', 'signed', '-r', '96000'), own: true },
  { file: 'f32-44k.wav', make: bySox('-b', '32', '-e', 'float', '-r', '44100'), own: true },
  { file: 'f64.wav', make: bySox('-b', '64', '-e', 'float'), own: true },
  { file: 'mulaw.wav', make: bySox('-e', 'mu-law'), own: true },
  { file: 'alaw.wav', make: bySox('-e', 'a-law'), own: true },
  { file: 'adpcm.wav', make: bySox('-e', 'ima-adpcm'), own: false },
  { file: 'rf64.wav', make: byFfmpeg('-rf64', 'always', '-c:a', 'pcm_s16le'), own: true },
  { file: 'left.wav', make: byFfmpeg(...channels('stereo', '1', '0')), own: true },
  { file: 'opposite.wav', make: byFfmpeg(...channels('stereo', '1', '-1')), own: true },
  { file: 'surround.wav', make: byFfmpeg(...channels('5.1', '0', '0', '0.7', '0', '0', '0')), own: true },
  { file: 'speech.mp3', make: byFfmpeg('-c:a', 'libmp3lame', '-b:a', '64k'), own: true },
  { file: 'stereo.mp3', make: byFfmpeg(...channels('stereo', '0', '1'), '-ar', '44100', '-b:a', '128k'), own: true },
  { file: 'speech.opus', make: byFfmpeg('-c:a', 'libopus', '-b:a', '32k'), own: true },
  { file: 'vorbis.ogg', make: byFfmpeg('-c:a', 'libvorbis'), own: false },
  { file: 'speech.flac', make: byFfmpeg('-c:a', 'flac'), own: true },
  {
    file: 'stereo-24.flac',
    make: byFfmpeg(...channels('stereo', '1', '0.6'), '-c:a', 'flac', '-sample_fmt', 's32', '-ar', '48000'),
    own: true,
  },
  { file: 'speech.m4a', make: byFfmpeg('-c:a', 'aac', '-b:a', '64k'), own: false },
  { file: 'speech.aiff', make: byFfmpeg(), own: false },
  { file: 'talk.mp4', make: withPicture(...x264, '-c:a', 'aac'), own: false },
  { file: 'talk.mov', make: withPicture(...x264, '-c:a', 'pcm_s16le'), own: false },
  { file: 'talk.mkv', make: withPicture(...x264, '-c:a', 'ac3'), own: false },
  { file: 'talk.webm', make: withPicture('-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus'), own: false },
];
