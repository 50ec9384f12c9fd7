/** The dialect of each generation. */
import type { DialectName } from '../../../config/models.ts';
import type { Dialect } from './dialect.ts';
import { lt35 } from './lt3.5.ts';
import { lt38 } from './lt3.8.ts';
import { lt3 } from './lt3.ts';

export const dialects: Readonly<Record<DialectName, Dialect>> = { lt3, 'lt3.5': lt35, 'lt3.8': lt38 };
