/** What is in a recording: its audio tracks, its video, its length. Reads no more of the file than that takes. */
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { FfmpegError, type FfmpegPrograms, fileArgument, LOCAL_ONLY, runToEnd } from './ffmpeg.ts';
import { type OwnFormat, recognizeOwn } from './own-formats.ts';
import { RecordingError, recordingProblem } from './recording-error.ts';

export interface AudioTrack {
  /** The codec's name as FFmpeg spells it, such as `aac`. */
  codec: string;
  channels: number;
  /** The layout of the channels as FFmpeg names it, such as `5.1(side)`; undefined where it is not known. */
  layout?: string;
  /** As the file tags it: three letters, mostly. */
  language?: string;
}

export interface VideoTrack {
  codec: string;
  width: number;
  height: number;
}

/** `own`: by decoders in this process; `ffmpeg`: by child processes. */
export type Decoding = ({ by: 'own' } & OwnFormat) | { by: 'ffmpeg'; programs: FfmpegPrograms };

export interface MediaFile {
  path: string;
  decoding: Decoding;
  /** As the file says it, even where it was cut. Undefined where nothing says it: a pipe, a format that tells it at its end. */
  durationSeconds?: number;
  /** It is a pipe, say, and what was read of it is gone. */
  isReadOnce: boolean;
  /** At least one. What is not decoded by FFmpeg has one, of which the channels are not known before it is read: 0. */
  audio: readonly AudioTrack[];
  video?: VideoTrack;
  /** The codecs of its subtitles, as FFmpeg spells them. Absent where FFmpeg does not decode it. */
  subtitles?: readonly string[];
}

export interface ProbeOptions {
  /** Undefined: there is no FFmpeg. */
  ffmpeg: FfmpegPrograms | undefined;
}

const GET_FFMPEG =
  'Without FFmpeg, WAV, MP3, Ogg Opus and FLAC are read: get it by "npm run setup -- ffmpeg", or by "apt install ffmpeg"';
/** The sample entries of protected tracks in MP4 (ISO/IEC 14496-12, and Apple's of old). */
const PROTECTED = new Set(['enca', 'encv', 'drms', 'drmi']);

const Probed = z.object({
  format: z.object({ duration: z.coerce.number().optional().catch(undefined) }).prefault({}),
  streams: z
    .array(
      z.object({
        codec_type: z.string().optional(),
        codec_name: z.string().optional(),
        codec_tag_string: z.string().optional(),
        channels: z.number().optional(),
        channel_layout: z.string().optional(),
        width: z.number().optional(),
        height: z.number().optional(),
        tags: z.object({ language: z.string().optional() }).optional(),
        disposition: z.object({ attached_pic: z.number().optional() }).optional(),
      }),
    )
    .default([]),
});

/**
 * @throws {RecordingError} where the file cannot be opened, is no recording, has no audio, is protected, or needs FFmpeg and there is none
 *
 * @example
 * const { audio, durationSeconds } = await probe('talk.mp4', { ffmpeg: findFfmpegPrograms(process.env) });
 */
export async function probe(path: string, { ffmpeg }: ProbeOptions): Promise<MediaFile> {
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(path))
    throw new RecordingError(`${path}: is an address, and a file is read: download it first (curl -LO '${path}')`);
  const { isRegular, bytes } = await statusOf(path);
  if (!isRegular) return readOnce(path, ffmpeg);
  if (bytes === 0) throw new RecordingError(`${path}: the file is empty`);
  const own = await recognized(path);
  // FFmpeg knows more of what is in a file than that it begins as one of these; WAV is all the same.
  if (own && (own.format.format === 'wav' || !ffmpeg)) {
    const { format, channels, durationSeconds } = own;
    if (durationSeconds === 0) throw new RecordingError(`${path}: no sound is in it`);
    return {
      path,
      decoding: { by: 'own', ...format },
      isReadOnce: false,
      ...(durationSeconds !== undefined && { durationSeconds }),
      audio: [{ codec: format.format, channels }],
    };
  }
  if (ffmpeg) return probeWithFfmpeg(path, ffmpeg);
  throw new RecordingError(`${path}: not a format that can be read here. ${GET_FFMPEG}`);
}

async function statusOf(path: string): Promise<{ isRegular: boolean; bytes: number }> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new RecordingError(`${path}: is a directory, not a file`);
    return { isRegular: found.isFile(), bytes: found.size };
  } catch (error) {
    throw recordingProblem(path, error);
  }
}

async function recognized(path: string): ReturnType<typeof recognizeOwn> {
  try {
    return await recognizeOwn(path);
  } catch (error) {
    throw recordingProblem(path, error);
  }
}

/**
 * Whether a recording can be read a second time.
 *
 * @param what needs it, such as `--loop`
 * @throws {RecordingError} for a pipe
 */
export function requireReadAgain({ path, isReadOnce }: MediaFile, what: string): void {
  if (isReadOnce) throw new RecordingError(`${path}: is a pipe, which is read only once: name a file for ${what}`);
}

/** Nothing is known of a pipe, as what is read of it is gone. */
function readOnce(path: string, programs: FfmpegPrograms | undefined): MediaFile {
  if (!programs) throw new RecordingError(`${path}: is a pipe, which FFmpeg alone reads: name a file. ${GET_FFMPEG}`);
  return { path, decoding: { by: 'ffmpeg', programs }, isReadOnce: true, audio: [{ codec: '', channels: 2 }] };
}

async function probeWithFfmpeg(path: string, programs: FfmpegPrograms): Promise<MediaFile> {
  const { format, streams } = Probed.parse(JSON.parse(await report(path, programs)));
  if (streams.some(({ codec_tag_string: tag = '' }) => PROTECTED.has(tag)))
    throw new RecordingError(
      `${path}: is protected (DRM), and nobody but its player may decode it: take a copy that is not`,
    );
  const audio = streams.filter(({ codec_type: type, channels }) => type === 'audio' && channels);
  const picture = streams.find(
    ({ codec_type: type, disposition, width, height }) =>
      type === 'video' && disposition?.attached_pic !== 1 && width && height,
  );
  if (audio.length === 0) {
    const what = picture ? 'has no audio track, and speech is what is translated' : 'no sound is in it';
    throw new RecordingError(`${path}: ${what}: choose a recording with sound`);
  }
  const { duration } = format;
  const subtitles = streams.filter(({ codec_type: type }) => type === 'subtitle');
  return {
    path,
    decoding: { by: 'ffmpeg', programs },
    isReadOnce: false,
    ...(duration !== undefined && duration > 0 && { durationSeconds: duration }),
    audio: audio.map(({ codec_name: codec = '', channels = 0, channel_layout: layout, tags }) => ({
      codec,
      channels,
      ...(layout && layout !== 'unknown' && { layout }),
      ...(tags?.language && tags.language !== 'und' && { language: tags.language }),
    })),
    ...(picture && {
      video: { codec: picture.codec_name ?? '', width: picture.width ?? 0, height: picture.height ?? 0 },
    }),
    subtitles: subtitles.map(({ codec_name: codec = '' }) => codec),
  };
}

async function report(path: string, { ffprobe }: FfmpegPrograms): Promise<string> {
  const args = ['-v', 'error', ...LOCAL_ONLY, '-show_format', '-show_streams', '-of', 'json', fileArgument(path)];
  try {
    return await runToEnd(ffprobe, args);
  } catch (error) {
    if (!(error instanceof FfmpegError)) throw error;
    throw new RecordingError(`${path}: not a recording that FFmpeg can read: choose an audio or video file`);
  }
}
