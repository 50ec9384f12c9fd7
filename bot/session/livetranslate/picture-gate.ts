/**
 * Decides which pictures a session sends. A picture must never delay speech: it is sent only after the first speech, while the network
 * keeps up, and no sooner and no larger than the model allows. Any other picture is dropped, not queued, because the next one is
 * more recent.
 */
import type { Limits } from '../../../config/models.ts';

export type PictureLimits = Pick<Limits, 'imageBytes' | 'imagesPerSecond' | 'imageLines'>;

/** The vendor's limits for every model so far; used for a service that states none. */
export const USUAL_LIMITS: PictureLimits = { imageBytes: 500_000, imagesPerSecond: 2, imageLines: 1080 };
/** Four chunks of speech: if more than this waits, the network is slow. */
const MAX_BACKLOG_BYTES = 16_384;
/** 1080p is 1920 × 1080. */
const LONG_SIDE = 16 / 9;

export interface JpegSize {
  width: number;
  height: number;
}

/** The state of the session at the moment of sending. */
export interface SendingState {
  nowMs: number;
  sentAudio: boolean;
  backlogBytes: number;
}

export class PictureGate {
  readonly #limits: PictureLimits;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(limits: PictureLimits = USUAL_LIMITS) {
    this.#limits = limits;
  }

  /** @returns the size of a picture that may be sent now, and counts as sent; otherwise the reason why it may not */
  admit(jpeg: Uint8Array, { nowMs, sentAudio, backlogBytes }: SendingState): JpegSize | string {
    const { imageBytes, imagesPerSecond, imageLines } = this.#limits;
    if (!sentAudio) return 'no speech was sent yet';
    if (nowMs - this.#lastMs < 1000 / imagesPerSecond) return 'too soon after the previous picture';
    if (backlogBytes > MAX_BACKLOG_BYTES) return 'the network is slow';
    if (jpeg.length > imageBytes) return `it has more than ${imageBytes} bytes`;
    const size = jpegSize(jpeg);
    if (!size) return 'it is not a JPEG';
    const { width, height } = size;
    if (Math.min(width, height) > imageLines || Math.max(width, height) > imageLines * LONG_SIDE) {
      return `it is larger than ${imageLines}p`;
    }
    this.#lastMs = nowMs;
    return size;
  }
}

/** Width and height of a JPEG, from its header alone; undefined if it is not one. */
export function jpegSize(jpeg: Uint8Array): JpegSize | undefined {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 <= view.byteLength; ) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      // Any number of fill bytes may stand before a marker.
      at += 1;
    } else if (startsFrame(marker)) {
      const size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
      return size.width > 0 && size.height > 0 ? size : undefined;
    } else {
      at += 2 + view.getUint16(at + 2);
    }
  }
  return undefined;
}

/** SOF0 to SOF15, without the three other markers in that range. */
const startsFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
