/**
 * Elects one interpreter for each language of a room: finds which of the wanted interpretations another interpreter provides, so that
 * this one defers them. Pure.
 *
 * The interpreter that publishes a language provides it. Where two publish one, the one whose id sorts first is elected, so that both
 * decide the same. When the elected interpreter leaves or stops publishing, nothing is deferred to it any more.
 */
import type { LanguageCode, ParticipantView } from '@mediasoup-booth/protocol';
import type { Demand } from './demand.ts';

export interface Deferred {
  /** Languages into which another interpreter translates. */
  targets: ReadonlySet<LanguageCode>;
  /** Languages whose original captions another interpreter publishes. */
  originals: ReadonlySet<LanguageCode>;
}

/**
 * @param self the id of this interpreter
 * @param publishes the languages in which this interpreter publishes captions
 */
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
      // Captions without a voice, of a language that is both spoken and heard here, may be original captions alone.
      if (booth.role === 'channel' || !isBoth(booth.language)) targets.add(booth.language);
    }
  }
  return { targets, originals };
}

/** The demand that remains for this interpreter. */
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
