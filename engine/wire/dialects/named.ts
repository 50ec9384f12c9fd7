import type { DialectName } from '../../../config/models.ts';
import type { Dialect } from './dialect.ts';
import { lt3 } from './lt3.ts';
import { lt35 } from './lt35.ts';
import { lt38 } from './lt38.ts';

/** The dialects of the vendor's models. */
export const dialects: Readonly<Record<DialectName, Dialect>> = { lt3, 'lt3.5': lt35, 'lt3.8': lt38 };
