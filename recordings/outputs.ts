/**
 * The files that come of a recording: their names, whether they can be written, and how they get there. Each is complete under another
 * name before it gets its own, and what is there already is replaced only where that was asked for.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, lstat, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
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

export interface OutputCheck {
  /** The recording, by whatever name. */
  input: string;
  /** Whether files that exist may be replaced. */
  overwrite: boolean;
  /** How much will be written. */
  bytes: number;
  /** Whether a file was written by the translation that goes on, which may replace it. Default: none was. */
  isOwn?(path: string): boolean;
}

/**
 * Whether files can be written at these paths, before anything is paid for.
 *
 * @throws {RecordingError} where one is the recording or exists and may not be replaced, its folder cannot be written, or there is no room
 */
export async function checkOutputs(paths: readonly string[], options: OutputCheck): Promise<void> {
  const { input, overwrite, bytes, isOwn = () => false } = options;
  for (const path of paths) {
    const found = await lstat(path).catch(() => undefined);
    if (found && (await isSameFile(path, input)))
      throw new RecordingError(`${path}: is the recording itself: choose another name for what is written`);
    if (found?.isDirectory()) throw new RecordingError(`${path}: is a directory, not a file`);
    if (found && !found.isFile() && !found.isSymbolicLink())
      throw new RecordingError(`${path}: is a device or a pipe, not a file: choose the name of a file`);
    if (found && !overwrite && !isOwn(path))
      throw new RecordingError(`${path}: exists already: choose another name, or replace it with --overwrite`);
    await checkFolder(path, bytes);
  }
}

/** Names may differ where files do not: by a link, or in upper and lower case. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => stat(path).catch(() => undefined)));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

async function checkFolder(path: string, bytes: number): Promise<void> {
  const folder = dirname(path);
  const found = await stat(folder).catch(() => undefined);
  if (!found) throw new RecordingError(`${path}: there is no folder ${folder}: make it first (mkdir -p ${folder})`);
  try {
    const probe = join(folder, `.booth-${randomUUID()}`);
    await (await open(probe, 'wx')).close();
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

/**
 * Gives a complete file its own name, on another disk as well.
 *
 * @param mayReplace whether a file of that name is replaced
 * @throws {RecordingError} where it cannot; then nothing has changed at `path`
 */
export async function moveOutput(part: string, path: string, mayReplace: boolean): Promise<void> {
  if (!mayReplace && (await lstat(path).catch(() => undefined)))
    throw new RecordingError(
      `${path}: was made by somebody else meanwhile: move it away, and the same command with --resume writes it`,
    );
  try {
    await rename(part, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw recordingProblem(path, error);
    await moveToOtherDisk(part, path);
  }
}

async function moveToOtherDisk(part: string, path: string): Promise<void> {
  const copy = `${path}.${randomUUID()}.new`;
  try {
    await copyFile(part, copy, constants.COPYFILE_EXCL);
    await rename(copy, path);
    await rm(part);
  } catch (error) {
    await rm(copy, { force: true });
    throw recordingProblem(path, error);
  }
}
