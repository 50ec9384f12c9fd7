/**
 * Decides which images a session sends. An image must never delay speech: it is sent only after the first speech, while the network
 * keeps up, and no sooner and no larger than the model allows. Any other image is dropped, not queued, because the next one is
 * more recent.
 */
import type { Limits } from '../../../config/models.ts';
import { type JpegSize, jpegSize } from '../../../images/jpeg-size.ts';

export type ImageLimits = Pick<Limits, 'imageBytes' | 'imagesPerSecond' | 'imageLines'>;

/** The vendor's limits for every model so far; used for a service that states none. */
export const USUAL_LIMITS: ImageLimits = { imageBytes: 500_000, imagesPerSecond: 2, imageLines: 1080 };
/** While more than this is buffered, about four chunks of speech, the network is slow and no image is sent. */
const MAX_BUFFERED_BYTES = 16_384;
/** 1080p is 1920 × 1080. */
const LONG_SIDE = 16 / 9;

/** The state of the session at the moment of sending. */
export interface SendingState {
  nowMs: number;
  sentAudio: boolean;
  bufferedBytes: number;
}

export class ImageGate {
  readonly #limits: ImageLimits;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(limits: ImageLimits = USUAL_LIMITS) {
    this.#limits = limits;
  }

  /** @returns the size of an image that may be sent now, and counts as sent; otherwise the reason why it may not */
  admit(jpeg: Uint8Array, { nowMs, sentAudio, bufferedBytes }: SendingState): JpegSize | string {
    const { imageBytes, imagesPerSecond, imageLines } = this.#limits;
    if (!sentAudio) return 'no speech was sent yet';
    if (nowMs - this.#lastMs < 1000 / imagesPerSecond) return 'too soon after the previous image';
    if (bufferedBytes > MAX_BUFFERED_BYTES) return 'the network is slow';
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
