import type { DialectName } from '../../../config/models.ts';
import type { ServerDialect } from './dialect.ts';
import { lt3 } from './lt3.ts';
import { lt35 } from './lt35.ts';
import { lt38 } from './lt38.ts';

/** The dialects of the vendor's models. */
export const serverDialects: Readonly<Record<DialectName, ServerDialect>> = { lt3, 'lt3.5': lt35, 'lt3.8': lt38 };
