/**
 * Who may be the speaker of a caption: the people who are in the room, and the last 1000 who were. So an interpreter can put no words into
 * the mouth of somebody who never was there, nor under another name than theirs.
 */

import type { SpeakerView } from '@mediasoup-booth/protocol';
import { BoundedMap, BoundedSet } from '../../collections/bounded-map.ts';
import type { Participant } from './participant.ts';

const MAX_SPEAKERS = 1000;
/** Whoever joins again may have another name, and what they said before is still published under the earlier one. */
const MAX_NAMES = 4;

export class KnownSpeakers {
  readonly #names = new BoundedMap<string, BoundedSet<string>>(MAX_SPEAKERS);

  /** Somebody has joined. Interpreters speak in others' names, and hidden participants do not speak. */
  add({ id, name, kind, hidden }: Pick<Participant, 'id' | 'name' | 'kind' | 'hidden'>): void {
    if (kind !== 'person' || hidden) return;
    const names = this.#names.get(id) ?? new BoundedSet(MAX_NAMES);
    names.delete(name);
    names.add(name);
    // Deleted first, so that whoever came last is kept longest.
    this.#names.delete(id);
    this.#names.set(id, names);
  }

  has({ id, name }: SpeakerView): boolean {
    return this.#names.get(id)?.has(name) ?? false;
  }
}
