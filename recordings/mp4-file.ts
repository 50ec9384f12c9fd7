/**
 * Writes MP4 with all that a recording has, and translated voices as further audio tracks: of which the first becomes the one that players
 * choose. What MP4 holds is copied, bit for bit; the rest is encoded again.
 */
import { type FfmpegPrograms, fileArgument } from './ffmpeg.ts';
import { languageTag } from './language-tags.ts';
import type { MediaFile } from './probe.ts';
import { writeByFfmpeg } from './sound-files.ts';

export interface Mp4Options {
  recording: Pick<MediaFile, 'path' | 'audio' | 'video' | 'subtitles'>;
  /** Number of the audio track that was translated, from 1. */
  track: number;
  /** The language of that track. */
  source: string;
  /** WAV files and their languages. */
  voices: readonly { wav: string; language: string }[];
  programs: FfmpegPrograms;
  /** Called with the length of what is written, in seconds. */
  onProgress?(seconds: number): void;
}

/** Codecs that MP4 holds and players expect there. */
const COPIED_VIDEO = new Set(['h264', 'hevc', 'av1', 'mpeg4', 'vp9']);
const COPIED_AUDIO = new Set(['aac', 'mp3', 'ac3', 'eac3', 'opus', 'flac', 'alac']);
/** Subtitles that are text. Those of DVDs and Blu-rays are pictures, for which MP4 has no place. */
const TEXT_SUBTITLES = new Set(['subrip', 'srt', 'ass', 'ssa', 'webvtt', 'mov_text', 'text']);
const KILOBITS_PER_CHANNEL = 64;
const VOICE_KILOBITS = 128;

/** A recording's video is copied as it is, and not encoded again. */
export const isVideoCopied = ({ video }: Pick<MediaFile, 'video'>): boolean =>
  video === undefined || COPIED_VIDEO.has(video.codec);

/** @throws {RecordingError} */
export const writeMp4 = (path: string, options: Mp4Options): Promise<void> =>
  writeByFfmpeg(path, options.programs, mp4Arguments(options), options.onProgress);

function mp4Arguments({ recording, voices, track, source }: Mp4Options): string[] {
  return [
    ...['-i', fileArgument(recording.path), ...voices.flatMap(({ wav }) => ['-i', fileArgument(wav)])],
    ...videoArguments(recording),
    ...recording.audio.flatMap((_, i) => originalArguments(recording, i, i === track - 1 ? source : undefined)),
    ...voices.flatMap(({ language }, i) => voiceArguments(language, i, recording.audio.length + i)),
    ...subtitleArguments(recording),
    // FFmpeg of old calls FLAC and Opus in MP4 experimental.
    ...['-strict', '-2', '-movflags', '+faststart', '-f', 'mp4'],
  ];
}

function videoArguments({ video }: Pick<MediaFile, 'video'>): string[] {
  if (video === undefined) return [];
  const encoding = COPIED_VIDEO.has(video.codec)
    ? ['copy']
    : ['libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-vf', 'scale=trunc(iw/2)*2:trunc(ih/2)*2'];
  return ['-map', '0:v:0', '-c:v', ...encoding];
}

/** @param language undefined: as the file tags it */
function originalArguments({ audio }: Pick<MediaFile, 'audio'>, track: number, language: string | undefined): string[] {
  const { codec = '', channels = 1 } = audio[track] ?? {};
  return [
    ...['-map', `0:a:${track}`],
    ...(COPIED_AUDIO.has(codec)
      ? [`-c:a:${track}`, 'copy']
      : [`-c:a:${track}`, 'aac', `-b:a:${track}`, `${KILOBITS_PER_CHANNEL * Math.max(2, channels)}k`]),
    ...(language === undefined ? [] : [`-metadata:s:a:${track}`, `language=${languageTag(language)}`]),
    ...[`-disposition:a:${track}`, '-default'],
  ];
}

const voiceArguments = (language: string, voice: number, track: number): string[] => [
  ...['-map', `${voice + 1}:a:0`, `-c:a:${track}`, 'aac', `-b:a:${track}`, `${VOICE_KILOBITS}k`],
  ...[`-metadata:s:a:${track}`, `language=${languageTag(language)}`],
  ...[`-disposition:a:${track}`, voice === 0 ? 'default' : '0'],
];

function subtitleArguments({ subtitles = [] }: Pick<MediaFile, 'subtitles'>): string[] {
  const maps = subtitles.flatMap((codec, i) => (TEXT_SUBTITLES.has(codec) ? ['-map', `0:s:${i}`] : []));
  return maps.length > 0 ? [...maps, '-c:s', 'mov_text'] : [];
}
