/** The context that a person gives to a translation session, read from files: hotwords and a picture. */

import {
  checkHotwords,
  ImageError,
  TranslationError,
  toJpeg,
  USUAL_LIMITS,
} from '@mediasoup-booth/interpreter/livetranslate';
import { parse, YAMLParseError } from 'yaml';
import type { Model } from '../config/models.ts';
import { CommandError } from './errors.ts';
import { readInput } from './files.ts';

/**
 * Reads terms and their translations from a YAML or JSON map.
 *
 * @throws {CommandError} that names the file, and the entry that is wrong
 */
export async function readHotwords(path: string, model: Model): Promise<Readonly<Record<string, string>>> {
  const text = Buffer.from(await readInput(path)).toString('utf8');
  try {
    return checkHotwords(model, mapIn(text));
  } catch (error) {
    if (error instanceof YAMLParseError) throw new CommandError(`${path}: ${firstLine(error.message)}`);
    if (error instanceof TranslationError || error instanceof CommandError) {
      throw new CommandError(`${path}: ${error.message}`);
    }
    throw error;
  }
}

/** A YAML parser reads JSON as well. */
function mapIn(text: string): Record<string, unknown> {
  const parsed: unknown = parse(text);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  throw new CommandError('needs lines of "term: translation", or the same as a JSON object');
}

const firstLine = (text: string): string => text.split('\n', 1)[0]?.replace(/:$/, '') ?? text;

/** Reads a picture, as a JPEG of a size that the model takes. @throws {CommandError} that names the file */
export async function readPicture(path: string, { limits }: Model): Promise<Uint8Array> {
  const bytes = await readInput(path);
  try {
    return await toJpeg(bytes, limits ?? USUAL_LIMITS);
  } catch (error) {
    if (error instanceof ImageError) throw new CommandError(`${path}: ${error.message}`);
    throw error;
  }
}
