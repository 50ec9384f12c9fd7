/** What is in a recording: its audio tracks, its video, its length. Reads no more of the file than that takes. */
import { open, stat } from 'node:fs/promises';
import { z } from 'zod';
import { FfmpegError, type FfmpegPrograms, fileArgument, LOCAL_ONLY, runToEnd } from './ffmpeg.ts';
import { isFlac, isMp3, isOgg } from './own-decoders.ts';
import { RecordingError, recordingProblem } from './recording-error.ts';
import { isWav, parseWavHeader, WavFormatError } from './wav-reader.ts';

export interface AudioTrack {
  /** The codec's name as FFmpeg spells it, such as `aac`. */
  codec: string;
  channels: number;
  /** As the file tags it: three letters, mostly. */
  language?: string;
}

export interface VideoTrack {
  codec: string;
  width: number;
  height: number;
}

/** `own`: by decoders in this process; `ffmpeg`: by child processes. */
export type Decoding =
  | { by: 'own'; format: 'wav' | 'mp3' | 'ogg' | 'flac' }
  | { by: 'ffmpeg'; programs: FfmpegPrograms };

export interface MediaFile {
  path: string;
  decoding: Decoding;
  /** Undefined where nothing says it: a pipe, a format that tells it at its end. */
  durationSeconds?: number;
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

const SNIFFED_BYTES = 65_536;
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
  const beginning = await sniff(path);
  if (beginning.length === 0 && (await isRegular(path))) throw new RecordingError(`${path}: the file is empty`);
  const wav = isWav(beginning) ? await probeWav(path, beginning) : undefined;
  if (wav) return wav;
  if (ffmpeg) return probeWithFfmpeg(path, ffmpeg);
  const format = isMp3(beginning) ? 'mp3' : isFlac(beginning) ? 'flac' : isOgg(beginning) ? 'ogg' : undefined;
  if (format) return { path, decoding: { by: 'own', format }, audio: [{ codec: format, channels: 0 }] };
  throw new RecordingError(`${path}: not a format that can be read here. ${GET_FFMPEG}`);
}

async function sniff(path: string): Promise<Buffer> {
  try {
    // What is no regular file, as a pipe, can be read only once.
    if (!(await isRegular(path))) return Buffer.alloc(0);
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(SNIFFED_BYTES), 0, SNIFFED_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw recordingProblem(path, error);
  }
}

async function isRegular(path: string): Promise<boolean> {
  const found = await stat(path);
  if (found.isDirectory()) throw new RecordingError(`${path}: is a directory, not a file`);
  return found.isFile();
}

/** Undefined for WAV with a codec that only FFmpeg decodes, and where the header is longer than what was read. */
async function probeWav(path: string, beginning: Buffer): Promise<MediaFile | undefined> {
  try {
    const header = parseWavHeader(beginning);
    if (!header) return undefined;
    const { format, dataAt, dataBytes } = header;
    const there = (await stat(path)).size - dataAt;
    const bytes = Math.min(dataBytes ?? there, there);
    if (bytes < format.bytesPerSample * format.channels) throw new RecordingError(`${path}: no sound is in it`);
    return {
      path,
      decoding: { by: 'own', format: 'wav' },
      durationSeconds: bytes / (format.bytesPerSample * format.channels * format.sampleRate),
      audio: [{ codec: 'wav', channels: format.channels }],
    };
  } catch (error) {
    if (error instanceof WavFormatError) return undefined;
    throw error;
  }
}

async function probeWithFfmpeg(path: string, programs: FfmpegPrograms): Promise<MediaFile> {
  if (!(await isRegular(path)))
    return { path, decoding: { by: 'ffmpeg', programs }, audio: [{ codec: '', channels: 2 }] };
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
    ...(duration !== undefined && duration > 0 && { durationSeconds: duration }),
    audio: audio.map(({ codec_name: codec = '', channels = 0, tags }) => ({
      codec,
      channels,
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
