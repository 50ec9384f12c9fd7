/**
 * Converts any image to a JPEG that a model accepts: within its limits of lines and bytes, upright, without transparency and without
 * camera metadata. Not for the hot path: it decodes and encodes.
 */
import { loadSharp } from '../../vision/sharp.ts';
import type { ImageLimits } from './image-gate.ts';

export class ImageError extends Error {
  override readonly name = 'ImageError';
}

const formats = ['jpeg', 'png', 'webp'];
/** An image with more pixels is not a slide but an attack, or a mistake. */
const MAX_PIXELS = 100_000_000;
/** The first that fits is used; with the last, any image of 1080p fits. */
const qualities = [85, 70, 50, 30, 10];

/**
 * @throws {ImageError} if the image cannot be read, or cannot be made small enough
 * @example
 * const jpeg = await toJpeg(await readFile('slide.png'), { imageLines: 1080, imageBytes: 500_000 });
 */
export async function toJpeg(
  image: Uint8Array,
  { imageLines, imageBytes }: Pick<ImageLimits, 'imageLines' | 'imageBytes'>,
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  try {
    const { format, autoOrient } = await sharp(image, { limitInputPixels: MAX_PIXELS }).metadata();
    if (!formats.includes(format)) throw new ImageError(`a ${format} picture: only PNG, JPEG and WebP are taken`);
    const long = Math.round((imageLines * 16) / 9);
    const upright = autoOrient.width < autoOrient.height;
    const scaled = sharp(image, { limitInputPixels: MAX_PIXELS })
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
    if (error instanceof ImageError) throw error;
    throw new ImageError('not a picture that can be read: PNG, JPEG and WebP are taken');
  }
  throw new ImageError(`cannot be made smaller than ${imageBytes} bytes`);
}
