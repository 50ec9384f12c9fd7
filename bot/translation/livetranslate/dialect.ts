/** How a generation of models wants to be spoken to. What they say back is read the same way for all: see `reader.ts`. */
import type { DialectName } from '../../../config/models.ts';
import { lt35 } from './lt3.5.ts';
import { lt38 } from './lt3.8.ts';
import { lt3 } from './lt3.ts';
import type { Settings } from './settings.ts';

export interface Dialect {
  /** The `session` of `session.update`, whole: the service does not merge it field by field. */
  session(settings: Settings): object;
}

export const dialects: Readonly<Record<DialectName, Dialect>> = { lt3, 'lt3.5': lt35, 'lt3.8': lt38 };
