/** How a codec's frames lie in RTP packets, as far as a key frame needs it. Payloads may be garbage: nothing here throws. */
import type { FrameSize } from './key-frame.ts';

export interface FrameBoundary {
  /** A picture begins here: a key frame, or one that needs others. Not every format tells where the latter begin. */
  begins?: 'key' | 'delta' | undefined;
  /** It ends here, whatever the marker says. */
  ends?: boolean;
}

export interface PayloadFormat {
  inspect(payload: Buffer): FrameBoundary;
  /** A whole picture, from the packet where it begins to the one where it ends; undefined: it is not a key frame. */
  depacketize(payloads: readonly Buffer[]): { data: Buffer; size: FrameSize } | undefined;
}
