/** Key frames of a known picture, one of each codec, and videos made of them as RTP packets. */
import { readFileSync } from 'node:fs';
import { Av1Packetizer, H264Packetizer, type RtpPacket, Vp8Packetizer, Vp9Packetizer } from 'werift';
import { FrameAssembler, type VideoPacket } from '../../bot/vision/key-frame/frame-assembler.ts';
import type { KeyFrame, VideoCodec } from '../../bot/vision/key-frame/key-frame.ts';

const folder = new URL('../fixtures/pictures/', import.meta.url);

/** What they show, as PNG. */
export const sourcePicture = (): Buffer => readFileSync(new URL('source.png', folder));
export const pictureSize = { width: 640, height: 360 };

/** As ffmpeg made it. */
export const recordedFrame = (codec: VideoCodec): Buffer => readFileSync(new URL(`${codec}.frame`, folder));
/** H264 of a size that its blocks do not fill: 330 × 186. */
export const unevenFrame = (): Buffer => readFileSync(new URL('uneven.h264.frame', folder));

/** A larger frame, whose first bytes are those of a key frame. */
export const longFrame = (codec: VideoCodec, bytes: number): Buffer =>
  Buffer.concat([recordedFrame(codec), Buffer.alloc(bytes, 0x55)]).subarray(0, bytes);

/** The start of a frame that needs another. */
const deltaStart: Record<VideoCodec, number[]> = {
  vp8: [0x01, 0, 0],
  vp9: [0x84],
  h264: [0, 0, 0, 1, 0x41],
  av1: [0x30, 0x20],
};
export const deltaFrame = (codec: VideoCodec, bytes: number): Buffer =>
  Buffer.concat([Buffer.from(deltaStart[codec]), Buffer.alloc(bytes, 0x55)]).subarray(0, bytes);

/** Sends frames 33 ms apart. VP9's descriptors tell of each that it is a key frame, or of none: both is known of senders. */
export class VideoSender {
  readonly #packetizer: { packetize(data: Buffer, timestamp: number): RtpPacket[] };
  #timestamp = 4_294_960_000;

  constructor(codec: VideoCodec, { isKeyframe = false } = {}) {
    this.#packetizer = new { vp8: Vp8Packetizer, vp9: Vp9Packetizer, h264: H264Packetizer, av1: Av1Packetizer }[codec]({
      sequenceNumber: 65_530,
      isKeyframe,
    });
  }

  frame(data: Buffer): VideoPacket[] {
    this.#timestamp = (this.#timestamp + 3000) % 2 ** 32;
    return this.#packetizer.packetize(data, this.#timestamp).map(({ header, payload }) => {
      const { sequenceNumber, timestamp, marker } = header;
      return { sequenceNumber, timestamp, marker, payload };
    });
  }
}

export const keyFrame = (codec: VideoCodec): KeyFrame => ({ codec, size: pictureSize, data: recordedFrame(codec) });

/** A recorded frame, as it comes out of its packets. */
export function received(codec: VideoCodec, recorded = recordedFrame(codec)): KeyFrame {
  const assembler = new FrameAssembler(codec);
  const frames = new VideoSender(codec).frame(recorded).map((packet) => assembler.push(packet));
  const frame = frames.find((one) => one !== undefined);
  if (!frame) throw new Error('no frame');
  return frame;
}
