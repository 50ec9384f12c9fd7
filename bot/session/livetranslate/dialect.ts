/** How a generation of models wants to be spoken to. What they say back is read the same way for all: see `reader.ts`. */
import type { SessionSettings } from './settings.ts';

export interface ClientDialect {
  /** The `session` of `session.update`, whole: the service does not merge it field by field. */
  session(settings: SessionSettings): object;
}
