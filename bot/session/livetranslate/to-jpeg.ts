/**
 * Any picture as a JPEG that a model takes: no more lines and bytes than its limits, upright, without transparency, and
 * without what cameras write into files. Not for the hot path: it decodes and encodes.
 */
import sharp from 'sharp';
import type { PictureLimits } from './picture.ts';

export class PictureError extends Error {
  override readonly name = 'PictureError';
}

const formats = ['jpeg', 'png', 'webp'];
/** A picture that unpacks to more is no slide but an attack, or a mistake. */
const MAX_PIXELS = 100_000_000;
/** The best that fits is taken; the last fits any picture of 1080p. */
const qualities = [85, 70, 50, 30, 10];

/** @throws {PictureError} where it is no picture that can be read */
export async function toJpeg(
  picture: Uint8Array,
  { imageLines, imageBytes }: Pick<PictureLimits, 'imageLines' | 'imageBytes'>,
): Promise<Uint8Array> {
  try {
    const { format, autoOrient } = await sharp(picture, { limitInputPixels: MAX_PIXELS }).metadata();
    if (!formats.includes(format)) throw new PictureError(`a ${format} picture: only PNG, JPEG and WebP are taken`);
    const long = Math.round((imageLines * 16) / 9);
    const upright = autoOrient.width < autoOrient.height;
    const scaled = sharp(picture, { limitInputPixels: MAX_PIXELS })
      .autoOrient()
      .resize({
        width: upright ? imageLines : long,
        height: upright ? long : imageLines,
        fit: 'inside',
        withoutEnlargement: true,
      })
      .flatten({ background: 'white' });
    for (const quality of qualities) {
      const jpeg = await scaled.clone().jpeg({ quality }).toBuffer();
      if (jpeg.length <= imageBytes) return jpeg;
    }
  } catch (error) {
    if (error instanceof PictureError) throw error;
    throw new PictureError('not a picture that can be read: PNG, JPEG and WebP are taken');
  }
  throw new PictureError(`cannot be made smaller than ${imageBytes} bytes`);
}
