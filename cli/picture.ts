/** A picture from a file, as a model takes it. */
import { USUAL_LIMITS } from '../bot/session/livetranslate/picture-gate.ts';
import { PictureError, toJpeg } from '../bot/session/livetranslate/to-jpeg.ts';
import type { Model } from '../config/models.ts';
import { CommandError } from './errors.ts';
import { readInput } from './files.ts';

/** @throws {CommandError} that names the file */
export async function readPicture(path: string, { limits }: Model): Promise<Uint8Array> {
  const bytes = await readInput(path);
  try {
    return await toJpeg(bytes, limits ?? USUAL_LIMITS);
  } catch (error) {
    if (error instanceof PictureError) throw new CommandError(`${path}: ${error.message}`);
    throw error;
  }
}
