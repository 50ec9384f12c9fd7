/** Key frames of a known picture, one of each codec, and videos made of them as RTP packets. */
import { readFileSync } from 'node:fs';
import { Av1Packetizer, H264Packetizer, type RtpPacket, Vp8Packetizer, Vp9Packetizer } from 'werift';
import type { VideoPacket } from '../../bot/participant/pictures/frame-assembler.ts';
import type { KeyFrame, VideoCodec } from '../../bot/participant/pictures/key-frame.ts';

const folder = new URL('../fixtures/pictures/', import.meta.url);

/** What they show, as PNG. */
export const sourcePicture = (): Buffer => readFileSync(new URL('source.png', folder));
export const pictureSize = { width: 640, height: 360 };

/** As ffmpeg made it. */
export const recordedFrame = (codec: VideoCodec): Buffer => readFileSync(new URL(`${codec}.frame`, folder));

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

/** Sends frames 33 ms apart. VP9's descriptors never tell of a key frame, as some senders' do not. */
export class VideoSender {
  readonly #packetizer: { packetize(data: Buffer, timestamp: number): RtpPacket[] };
  #timestamp: number;

  constructor(codec: VideoCodec, { sequenceNumber = 65_530, timestamp = 4_294_960_000 } = {}) {
    this.#packetizer = new { vp8: Vp8Packetizer, vp9: Vp9Packetizer, h264: H264Packetizer, av1: Av1Packetizer }[codec]({
      sequenceNumber,
    });
    this.#timestamp = timestamp;
  }

  frame(data: Buffer): VideoPacket[] {
    this.#timestamp = (this.#timestamp + 3000) % 2 ** 32;
    return this.#packetizer.packetize(data, this.#timestamp).map(({ header, payload }) => {
      const { sequenceNumber, timestamp, marker } = header;
      return { sequenceNumber, timestamp, marker, payload };
    });
  }
}

/** The key frame that comes out of packets. */
export const keyFrame = (codec: VideoCodec): KeyFrame => ({ codec, size: pictureSize, data: recordedFrame(codec) });
