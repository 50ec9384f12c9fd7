/** Key frames, and what is needed of a codec to find them in RTP packets. */

export const videoCodecs = ['vp8', 'vp9', 'h264', 'av1'] as const;
export type VideoCodec = (typeof videoCodecs)[number];

/** Width and height in pixels. */
export interface FrameSize {
  width: number;
  height: number;
}

/** A video frame that can be decoded without any other frame. */
export interface KeyFrame {
  codec: VideoCodec;
  /** As the frame's own header claims. */
  size: FrameSize;
  /** The bare frame. For H264: parameter sets and slices, with start codes. For AV1: OBUs, each with its size. */
  data: Buffer;
}

/** The codec of a MIME type such as `video/VP8`; undefined where it is not one of `videoCodecs`. */
export const codecOf = (mimeType: string): VideoCodec | undefined =>
  videoCodecs.find((codec) => mimeType.toLowerCase() === `video/${codec}`);

/** The information in one RTP payload about the frame that it belongs to. */
interface FrameBoundary {
  /** A frame starts here: a key frame, or a delta frame, which needs others. Not every format says where delta frames start. */
  begins?: 'key' | 'delta' | undefined;
  /** The frame ends here, whatever the marker bit of the packet says. */
  ends?: boolean;
}

/** How the frames of a codec are packetized in RTP, as far as key frames need it. Payloads may be garbage: nothing throws. */
export interface PayloadFormat {
  /** Whether a frame starts or ends in a payload. */
  inspect(payload: Buffer): FrameBoundary;
  /** Joins the payloads of one frame, in order; undefined where it is not a complete key frame. */
  depacketize(payloads: readonly Buffer[]): { data: Buffer; size: FrameSize } | undefined;
}
