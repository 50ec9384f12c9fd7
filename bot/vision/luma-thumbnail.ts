/** A picture as `hasChanged` compares it: small and grey, whatever its shape. */
import sharp from 'sharp';
import { SKETCH_HEIGHT, SKETCH_WIDTH, type Sketch } from './picture-change.ts';

/** @throws for what is no picture */
export async function sketchOf(picture: Uint8Array): Promise<Sketch> {
  const small = sharp(picture).greyscale().resize(SKETCH_WIDTH, SKETCH_HEIGHT, { fit: 'fill' });
  return new Uint8Array(await small.raw().toBuffer());
}
