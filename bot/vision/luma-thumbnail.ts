/** A picture as `hasChanged` compares it: small and grey, whatever its shape. */
import sharp from 'sharp';
import { type LumaThumbnail, THUMBNAIL_HEIGHT, THUMBNAIL_WIDTH } from './picture-change.ts';

/** @throws for what is no picture */
export async function lumaThumbnailOf(picture: Uint8Array): Promise<LumaThumbnail> {
  const small = sharp(picture).greyscale().resize(THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT, { fit: 'fill' });
  return new Uint8Array(await small.raw().toBuffer());
}
