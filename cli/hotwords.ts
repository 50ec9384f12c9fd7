/** A file of hotwords: a YAML or JSON map of terms and how they shall be translated. */
import { parse, YAMLParseError } from 'yaml';
import { checkHotwords } from '../bot/session/livetranslate/settings.ts';
import { TranslationError } from '../bot/session/translation-session.ts';
import type { Model } from '../config/models.ts';
import { CommandError } from './errors.ts';
import { readInput } from './files.ts';

/** @throws {CommandError} naming the file, and the entry that is wrong */
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

/** JSON is YAML. */
function mapIn(text: string): Record<string, unknown> {
  const parsed: unknown = parse(text);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  throw new CommandError('needs lines of "term: translation", or the same as a JSON object');
}

const firstLine = (text: string): string => text.split('\n', 1)[0]?.replace(/:$/, '') ?? text;
