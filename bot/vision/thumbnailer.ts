/**
 * Turns key frames into JPEGs that are small enough for a model. A key frame that cannot be decoded is dropped and counted; nothing
 * here rejects.
 *
 * Bounded: a frame whose header claims more pixels than a 4K screen is dropped without decoding it; `concurrency` frames are decoded at
 * a time, off the event loop, and at most 8 wait.
 */
import type { Sharp } from 'sharp';
import type { FrameDecoder } from './key-frame/ffmpeg.ts';
import type { FrameSize, KeyFrame, VideoCodec } from './key-frame/key-frame.ts';
import { avif, webp } from './key-frame/still-image.ts';
import { loadSharp } from './sharp.ts';
import type { PictureSource } from './video-target.ts';

/** Length of the longer side in pixels. Slides on a screen must stay readable. */
export const longSides: Record<PictureSource, number> = { camera: 480, screen: 1280 };

const MAX_INPUT_PIXELS = 4096 * 2304;
/** The model takes at most 1080p. */
const MAX_SHORT_SIDE = 1080;
/** Lower JPEG qualities are tried until the picture is no larger than this. */
const TARGET_BYTES = 100_000;
const qualities = [80, 65, 50, 35, 20, 10];
/** A picture that is larger than this even in the lowest quality is dropped, as the model takes no larger one. */
const MAX_BYTES = 500_000;
const MAX_WAITING = 8;
const TIMEOUT_SECONDS = 5;

interface ThumbnailerOptions {
  /** Decoder of H264 and VP9. Default: none; pictures of these codecs are unavailable. */
  decoder?: FrameDecoder | undefined;
  /** How many frames are decoded at a time. Default 2. */
  concurrency?: number;
}

export class Thumbnailer {
  /** Counts of frames by outcome. `tooLarge`: too many pixels or bytes; `crowdedOut`: 8 frames were waiting already. */
  readonly counts = { made: 0, undecodable: 0, tooLarge: 0, unavailable: 0, crowdedOut: 0 };
  readonly #decoder: FrameDecoder | undefined;
  readonly #concurrency: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor({ decoder, concurrency = 2 }: ThumbnailerOptions = {}) {
    this.#decoder = decoder;
    this.#concurrency = concurrency;
  }

  /** Whether key frames of this codec can be decoded on this machine. */
  supports(codec: VideoCodec): boolean {
    return codec === 'vp8' || codec === 'av1' || (this.#decoder?.codecs.includes(codec) ?? false);
  }

  /** Returns a JPEG with at most `longSides[source]` pixels; undefined where none could be made, see `counts`. */
  async make(frame: KeyFrame, source: PictureSource): Promise<Uint8Array | undefined> {
    if (!this.supports(frame.codec)) return this.#drop('unavailable');
    if (!isReasonable(frame.size)) return this.#drop('tooLarge');
    if (this.#running >= this.#concurrency && this.#waiting.length >= MAX_WAITING) return this.#drop('crowdedOut');
    await this.#waitForSlot();
    try {
      const jpeg = await toJpeg(await this.#decode(frame), frame.size, longSides[source]);
      if (!jpeg) return this.#drop('tooLarge');
      this.counts.made++;
      return jpeg;
    } catch {
      return this.#drop('undecodable');
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  #drop(why: keyof Thumbnailer['counts']): undefined {
    this.counts[why]++;
  }

  async #waitForSlot(): Promise<void> {
    while (this.#running >= this.#concurrency) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
  }

  async #decode(frame: KeyFrame): Promise<Sharp> {
    const sharp = await loadSharp();
    const limits = { limitInputPixels: MAX_INPUT_PIXELS };
    if (frame.codec === 'vp8') return sharp(webp(frame), limits);
    if (frame.codec === 'av1') return sharp(avif(frame), limits);
    if (!this.#decoder) throw new Error(`no decoder of ${frame.codec}`);
    const { width, height, pixels } = await this.#decoder.decode(frame);
    return sharp(pixels, { raw: { width, height, channels: 3 } });
  }
}

const isReasonable = ({ width, height }: FrameSize): boolean =>
  width > 0 && height > 0 && width * height <= MAX_INPUT_PIXELS;

/**
 * Encodes pixels (red, green, blue) as a JPEG that is small enough for a model; undefined where none could be made.
 *
 * @param longSide pixels of the longer side, at most
 */
export async function jpegOfPixels(
  pixels: Uint8Array,
  { width, height }: FrameSize,
  longSide: number,
): Promise<Uint8Array | undefined> {
  const sharp = await loadSharp();
  return toJpeg(sharp(pixels, { raw: { width, height, channels: 3 } }), { width, height }, longSide);
}

async function toJpeg(picture: Sharp, { width, height }: FrameSize, longSide: number): Promise<Buffer | undefined> {
  const shortSide = Math.min(longSide, MAX_SHORT_SIDE);
  const isWide = width >= height;
  const { data, info } = await picture
    .timeout({ seconds: TIMEOUT_SECONDS })
    .resize({
      width: isWide ? longSide : shortSide,
      height: isWide ? shortSide : longSide,
      fit: 'inside',
      withoutEnlargement: true,
    })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const sharp = await loadSharp();
  const raw = { width: info.width, height: info.height, channels: info.channels };
  let jpeg: Buffer | undefined;
  for (const quality of qualities) {
    jpeg = await sharp(data, { raw }).jpeg({ quality }).toBuffer();
    if (jpeg.length <= TARGET_BYTES) return jpeg;
  }
  return jpeg && jpeg.length <= MAX_BYTES ? jpeg : undefined;
}
