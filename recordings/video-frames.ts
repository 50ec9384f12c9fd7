/** Single frames of a recording's video, at a low rate and scaled. One frame is in memory at a time. */
import { type FfmpegPrograms, inputInTime, LOCAL_ONLY, outputOf } from './ffmpeg.ts';

export interface VideoFrame {
  width: number;
  height: number;
  /** Eight bits each of red, green and blue, row by row. */
  pixels: Buffer;
}

export interface VideoFrameOptions {
  /** A frame is what is seen at each multiple of this. */
  everySeconds: number;
  /** Pixels of the longer side, at most. */
  longSide: number;
  fromSeconds: number;
}

/** Frames are never larger than the scaled ones; a header claims no more than this. */
const MAX_FRAME_BYTES = 64_000_000;

/** @throws {FfmpegError} where the video cannot be decoded */
export async function* videoFrames(
  path: string,
  { ffmpeg }: FfmpegPrograms,
  { everySeconds, longSide, fromSeconds }: VideoFrameOptions,
): AsyncGenerator<VideoFrame> {
  const scale = `scale=w='min(${longSide},iw)':h='min(${longSide},ih)':force_original_aspect_ratio=decrease:force_divisible_by=2`;
  const args = [
    ...['-nostdin', '-v', 'error', ...LOCAL_ONLY],
    ...(fromSeconds > 0 ? ['-ss', String(fromSeconds)] : []),
    ...[...inputInTime(path), '-map', '0:v:0', '-an', '-sn'],
    ...['-vf', `fps=fps=1/${everySeconds}:round=up:start_time=0,${scale}`],
    ...['-c:v', 'ppm', '-f', 'image2pipe', 'pipe:1'],
  ];
  let parts: Buffer[] = [];
  let bytes = 0;
  let wanted = 0;
  for await (const part of outputOf(ffmpeg, args)) {
    parts.push(part);
    bytes += part.length;
    while (bytes > 0 && bytes >= wanted) {
      const joined = Buffer.concat(parts);
      parts = [joined];
      const header = ppmHeader(joined);
      if (!header) break;
      wanted = header.pixelsAt + header.width * header.height * 3;
      if (wanted > MAX_FRAME_BYTES) return;
      if (bytes < wanted) break;
      yield { width: header.width, height: header.height, pixels: joined.subarray(header.pixelsAt, wanted) };
      parts = [joined.subarray(wanted)];
      bytes -= wanted;
      wanted = 0;
    }
  }
}

/** Undefined where more bytes are needed. */
function ppmHeader(bytes: Buffer): { width: number; height: number; pixelsAt: number } | undefined {
  const match = /^P6\s(\d{1,5})\s(\d{1,5})\s255\s/.exec(bytes.toString('latin1', 0, 32));
  return match ? { width: Number(match[1]), height: Number(match[2]), pixelsAt: match[0].length } : undefined;
}
