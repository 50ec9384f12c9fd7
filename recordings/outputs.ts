/**
 * Writes what comes of a recording. Everything is written under another name first, and renamed when it is complete: under its own
 * name no file is ever half-written.
 */
import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { formatWav } from '../audio/wav.ts';
import { FfmpegError, type FfmpegPrograms, fileArgument, LOCAL_ONLY, runToEnd } from './ffmpeg.ts';
import { languageTag } from './language-tags.ts';
import { RecordingError, recordingProblem } from './recording-error.ts';

export type SoundFormat = 'wav' | 'opus' | 'mp4';
export type SubtitleFormat = 'srt' | 'vtt';

/** @throws {RecordingError} for an ending that is none of them */
export function soundFormatOf(path: string): SoundFormat {
  const ending = extname(path).slice(1).toLowerCase();
  if (ending === 'wav' || ending === 'opus' || ending === 'mp4') return ending;
  throw new RecordingError(`${path}: sound is written as .wav, .opus or .mp4: choose one of these endings`);
}

/** @throws {RecordingError} for an ending that is none of them */
export function subtitleFormatOf(path: string): SubtitleFormat {
  const ending = extname(path).slice(1).toLowerCase();
  if (ending === 'srt' || ending === 'vtt') return ending;
  throw new RecordingError(`${path}: subtitles are written as .srt or .vtt: choose one of these endings`);
}

/** `talk.srt`, in Spanish → `talk.es.srt` */
export function pathFor(path: string, language: string): string {
  const ending = extname(path);
  return `${path.slice(0, path.length - ending.length)}.${language}${ending}`;
}

/**
 * Whether files can be written at these paths, before anything is paid for.
 *
 * @param bytes about how much will be written
 * @throws {RecordingError} where one exists and may not be replaced, its folder cannot be written, or there is no room
 */
export async function checkOutputs(
  paths: readonly string[],
  { input, overwrite, bytes }: { input: string; overwrite: boolean; bytes: number },
): Promise<void> {
  for (const path of paths) {
    if (resolve(path) === resolve(input))
      throw new RecordingError(`${path}: is the recording itself: choose another name for what is written`);
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) throw new RecordingError(`${path}: is a directory, not a file`);
    if (found && !overwrite)
      throw new RecordingError(`${path}: exists already: choose another name, or replace it with --overwrite`);
    await checkFolder(path, bytes);
  }
}

async function checkFolder(path: string, bytes: number): Promise<void> {
  const folder = dirname(path);
  try {
    const probe = join(folder, `.booth-${process.pid}`);
    await (await open(probe, 'w')).close();
    await rm(probe);
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < bytes)
      throw new RecordingError(
        `${path}: needs about ${Math.ceil(bytes / 1e6)} MB, and the disk has ${Math.floor((bavail * bsize) / 1e6)} MB left: make room, or choose another disk`,
      );
  } catch (error) {
    throw recordingProblem(path, error);
  }
}

/** Writes a text file. @throws {RecordingError} */
export async function writeText(path: string, pieces: Iterable<string>): Promise<void> {
  await replaced(path, async (part) => {
    const file = await open(part, 'w');
    try {
      for (const piece of pieces) await file.write(piece);
    } finally {
      await file.close();
    }
  });
}

/** Writes mono 16-bit WAV as the samples come. @returns the number of samples. @throws {RecordingError} */
export async function writeWav(path: string, sampleRate: number, chunks: AsyncIterable<Int16Array>): Promise<number> {
  let samples = 0;
  await replaced(path, async (part) => {
    const file = await open(part, 'w');
    try {
      await file.write(wavHeader(sampleRate, 0));
      for await (const chunk of chunks) {
        await file.write(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
        samples += chunk.length;
      }
      await file.write(wavHeader(sampleRate, samples), 0, undefined, 0);
    } finally {
      await file.close();
    }
  });
  return samples;
}

function wavHeader(sampleRate: number, samples: number): Buffer {
  const header = Buffer.from(formatWav({ samples: new Int16Array(0), sampleRate }));
  header.writeUInt32LE(36 + samples * 2, 4);
  header.writeUInt32LE(samples * 2, 40);
  return header;
}

/** Converts a WAV file to Opus, tagged with its language. @throws {RecordingError} */
export async function writeOpus(
  path: string,
  { wav, language, programs }: { wav: string; language: string; programs: FfmpegPrograms },
): Promise<void> {
  const args = ['-i', fileArgument(wav), '-c:a', 'libopus', '-b:a', '48k'];
  const tag = ['-metadata:s:a:0', `language=${languageTag(language)}`];
  await encoded(path, programs, [...args, ...tag, '-f', 'ogg']);
}

export interface Mp4Options {
  /** The recording, whose picture and first audio track are kept. */
  input: string;
  /** Its video is copied, or encoded again where MP4 does not take its codec. */
  videoCodec: string | undefined;
  /** Number of its audio track, from 1. */
  track: number;
  source: string;
  /** Further audio tracks: WAV files and their languages. The first becomes the one that players choose. */
  voices: readonly { wav: string; language: string }[];
  programs: FfmpegPrograms;
}

/** Video codecs that MP4 holds and players expect there. */
const COPIED = new Set(['h264', 'hevc', 'av1', 'mpeg4', 'vp9']);

/** Writes MP4 with the original's picture and sound, and translated voices as further audio tracks. @throws {RecordingError} */
export async function writeMp4(path: string, options: Mp4Options): Promise<void> {
  const { input, videoCodec, track, source, voices, programs } = options;
  const video = videoCodec === undefined ? [] : ['-map', '0:v:0', ...videoArguments(videoCodec)];
  const tags = [source, ...voices.map(({ language }) => language)].flatMap((language, i) => [
    ...[`-metadata:s:a:${i}`, `language=${languageTag(language)}`],
    ...[`-disposition:a:${i}`, i === 1 ? 'default' : '0'],
  ]);
  await encoded(path, programs, [
    ...['-i', fileArgument(input), ...voices.flatMap(({ wav }) => ['-i', fileArgument(wav)])],
    ...video,
    ...['-map', `0:a:${track - 1}`, ...voices.flatMap((_, i) => ['-map', `${i + 1}:a:0`])],
    ...['-c:a', 'aac', '-b:a', '128k', ...tags, '-movflags', '+faststart', '-f', 'mp4'],
  ]);
}

const videoArguments = (codec: string): string[] =>
  COPIED.has(codec)
    ? ['-c:v', 'copy']
    : ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-vf', 'scale=trunc(iw/2)*2:trunc(ih/2)*2'];

async function encoded(path: string, { ffmpeg }: FfmpegPrograms, args: readonly string[]): Promise<void> {
  await replaced(path, async (part) => {
    try {
      await runToEnd(ffmpeg, ['-nostdin', '-v', 'error', '-y', ...LOCAL_ONLY, ...args, fileArgument(part)]);
    } catch (error) {
      if (!(error instanceof FfmpegError)) throw error;
      throw new RecordingError(`${path}: cannot be written: ${error.message}`);
    }
  });
}

/** @throws {RecordingError} where it cannot be written; then there is nothing new at `path` */
async function replaced(path: string, write: (part: string) => Promise<void>): Promise<void> {
  const part = `${path}.new`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await write(part);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw recordingProblem(path, error);
  }
}
