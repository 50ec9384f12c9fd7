/** How a codec's frames lie in RTP packets, as far as a key frame needs it. Payloads may be garbage: nothing here throws. */
import { av1 } from './av1.ts';
import { h264 } from './h264.ts';
import type { PictureSize, VideoCodec } from './key-frame.ts';
import { vp8 } from './vp8.ts';
import { vp9 } from './vp9.ts';

export interface Place {
  /** A picture begins here: a key frame, or one that needs others. Not every format tells where the latter begin. */
  begins?: 'key' | 'delta' | undefined;
  /** It ends here, whatever the marker says. */
  ends?: boolean;
}

export interface PayloadFormat {
  place(payload: Buffer): Place;
  /** A whole picture, from the packet where it begins to the one where it ends; undefined: it is not a key frame. */
  join(payloads: readonly Buffer[]): { data: Buffer; size: PictureSize } | undefined;
}

export const payloadFormats: Record<VideoCodec, PayloadFormat> = { vp8, vp9, h264, av1 };
