/** One picture of a video that needs no other to be shown, as its encoder made it. */
export const videoCodecs = ['vp8', 'vp9', 'h264', 'av1'] as const;
export type VideoCodec = (typeof videoCodecs)[number];

export interface FrameSize {
  width: number;
  height: number;
}

export interface KeyFrame {
  codec: VideoCodec;
  /** What its header claims. */
  size: FrameSize;
  /** The bare frame; of H264 parameter sets and slices with start codes, of AV1 its OBUs, each with its size. */
  data: Buffer;
}

/** `video/VP8` → `vp8`; undefined: none that we know. */
export const codecOf = (mimeType: string): VideoCodec | undefined =>
  videoCodecs.find((codec) => mimeType.toLowerCase() === `video/${codec}`);
