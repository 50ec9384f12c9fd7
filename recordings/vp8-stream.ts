/** A recording's picture as VP8, and its frames as RTP payloads (RFC 7741). */
import { type FfmpegPrograms, inputInTime, LOCAL_ONLY, outputOf } from './ffmpeg.ts';

export interface Vp8Frame {
  data: Buffer;
  /** In units of 90 kHz, from the beginning of the recording. */
  timestamp: number;
}

const RTP_CLOCK_RATE = 90_000;
export const VP8_TICKS_PER_MS = RTP_CLOCK_RATE / 1000;
/** Leaves room for headers, encryption and tunnels in a datagram. */
const MAX_PAYLOAD_BYTES = 1100;
const START_OF_PARTITION = 0x10;
const IVF_HEADER_BYTES = 32;
const IVF_FRAME_HEADER_BYTES = 12;
const MAX_FRAME_BYTES = 8_388_608;

/** The bytes of an IVF file, as fast as they are read. */
export const vp8Stream = (path: string, { ffmpeg }: FfmpegPrograms): AsyncGenerator<Buffer> =>
  outputOf(ffmpeg, [
    ...['-nostdin', '-v', 'error', ...LOCAL_ONLY, ...inputInTime(path), '-map', '0:v:0', '-an', '-sn'],
    '-vf',
    "fps=15,scale=w='min(1280,iw)':h='min(720,ih)':force_original_aspect_ratio=decrease:force_divisible_by=2",
    ...['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-g', '30', '-b:v', '1M', '-pix_fmt', 'yuv420p'],
    ...['-flush_packets', '1', '-f', 'ivf', 'pipe:1'],
  ]);

/** The frames of an IVF stream. */
export async function* readIvf(stream: AsyncIterable<Buffer>): AsyncGenerator<Vp8Frame> {
  let pending: Buffer = Buffer.alloc(0);
  let ticksPerUnit: number | undefined;
  for await (const part of stream) {
    pending = pending.length === 0 ? part : Buffer.concat([pending, part]);
    if (ticksPerUnit === undefined) {
      if (pending.length < IVF_HEADER_BYTES) continue;
      ticksPerUnit = (RTP_CLOCK_RATE * pending.readUInt32LE(20)) / pending.readUInt32LE(16);
      pending = pending.subarray(IVF_HEADER_BYTES);
    }
    while (pending.length >= IVF_FRAME_HEADER_BYTES) {
      const size = pending.readUInt32LE(0);
      if (size > MAX_FRAME_BYTES) return;
      const end = IVF_FRAME_HEADER_BYTES + size;
      if (pending.length < end) break;
      const timestamp = Math.round(Number(pending.readBigUInt64LE(4)) * ticksPerUnit);
      yield { data: Buffer.from(pending.subarray(IVF_FRAME_HEADER_BYTES, end)), timestamp };
      pending = pending.subarray(end);
    }
  }
}

/** A frame as RTP payloads, each with its descriptor. */
export function vp8Payloads(frame: Buffer): Buffer[] {
  const payloads: Buffer[] = [];
  for (let at = 0; at < frame.length; at += MAX_PAYLOAD_BYTES) {
    const descriptor = Buffer.of(at === 0 ? START_OF_PARTITION : 0);
    payloads.push(Buffer.concat([descriptor, frame.subarray(at, at + MAX_PAYLOAD_BYTES)]));
  }
  return payloads;
}
