/**
 * Decides what each person is offered, from what they hear and read: the channel of the language that they hear, but never their own
 * voice in another language, and the captions that they read. Whoever hears a language is offered its captions as well: these tell when which
 * translation sounds. Pure.
 */

import type { Person } from './people.ts';
import type { OfferedRole } from './room-options.ts';

type Listener = Pick<Person, 'id' | 'hears' | 'reads'>;

export function isOffered(
  { id, hears, reads }: Listener,
  { role, language, speaker }: Pick<OfferedRole, 'role' | 'language' | 'speaker'>,
): boolean {
  if (role === 'channel') return hears === language && speaker !== id;
  return hears === language || reads.includes(language) || reads.includes('original');
}
