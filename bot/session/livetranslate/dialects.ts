/** The dialect of each generation. */
import type { DialectName } from '../../../config/models.ts';
import type { ClientDialect } from './dialect.ts';
import { lt35 } from './lt3.5.ts';
import { lt38 } from './lt3.8.ts';
import { lt3 } from './lt3.ts';

export const clientDialects: Readonly<Record<DialectName, ClientDialect>> = { lt3, 'lt3.5': lt35, 'lt3.8': lt38 };
