/**
 * One interpreter per room and language: which of what is wanted another interpreter provides already, so that this one stands by
 * for it. Pure.
 *
 * Who publishes a language provides it; where two began at once, the one whose id is first goes on, whichever of them looks. When it
 * leaves, or stops publishing, nothing of it is left to others any more.
 */
import type { LanguageCode } from '../../protocol/languages.ts';
import type { ParticipantView } from '../../protocol/rooms.ts';
import type { Demand } from './demand.ts';

export interface Deferred {
  /** Translations into these. */
  targets: ReadonlySet<LanguageCode>;
  /** What is said in these, as it was said. */
  originals: ReadonlySet<LanguageCode>;
}

/** @param publishes the languages that we publish ourselves */
export function deferredToOthers(
  participants: Iterable<ParticipantView>,
  self: string,
  publishes: ReadonlySet<LanguageCode>,
): Deferred {
  const [targets, originals] = [new Set<LanguageCode>(), new Set<LanguageCode>()];
  const all = [...participants];
  const people = all.filter(({ kind }) => kind === 'person');
  const isBoth = (code: LanguageCode) =>
    people.some(({ speaks }) => speaks === code) && people.some(({ hears }) => hears === code);
  for (const { id, kind, producers, dataProducers } of all) {
    if (kind !== 'interpreter' || id === self) continue;
    for (const { booth } of [...producers, ...dataProducers]) {
      if (!booth || (publishes.has(booth.language) && self < id)) continue;
      if (booth.role === 'captions') originals.add(booth.language);
      // Captions alone of a language that is spoken here and heard too may be no more than its originals.
      if (booth.role === 'channel' || !isBoth(booth.language)) targets.add(booth.language);
    }
  }
  return { targets, originals };
}

/** What remains for us. */
export function withoutDeferred(demand: Demand, { targets, originals }: Deferred): Demand {
  const isOurs = ({ source, target }: { source: LanguageCode; target: LanguageCode }): boolean =>
    !(target === source ? originals : targets).has(target);
  const wanted = demand.wanted.filter(isOurs);
  return {
    ...demand,
    wanted: wanted.map((one) => (originals.has(one.source) ? { ...one, originals: false } : one)),
    unavailable: demand.unavailable.filter(isOurs),
  };
}
