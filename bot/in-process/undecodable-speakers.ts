/**
 * Decides whose microphones send what is no sound, as with end-to-end encryption, by the counters of an interpreter. A moment of garbage, as
 * when a stream begins, proves nothing: most packets of several seconds have to be garbage. No timers: it is told of each report.
 */
import type { SpeakerStats } from '@mediasoup-booth/protocol';

/** The share of a report's packets, and how many packets of such reports in a row: 5 s of sound. */
const MOST = 0.5;
const MIN_GARBAGE = 250;
/** Fewer packets in a report prove neither. */
const MIN_PACKETS = 50;

interface Counted {
  received: number;
  garbage: number;
  /** Garbage in the last reports, each of which had mostly garbage. */
  streak: number;
}

type Report = Pick<SpeakerStats, 'speaker'> & { packets: Pick<SpeakerStats['packets'], 'received' | 'garbage'> };

/**
 * @example
 * const undecodable = new UndecodableSpeakers();
 * undecodable.push(stats.speakers); // Set { 'ann' }
 */
export class UndecodableSpeakers {
  #counted = new Map<string, Counted>();

  /** @param speakers all that are received now, with counters that never decrease @returns the ids of those who send no sound */
  push(speakers: readonly Report[]): ReadonlySet<string> {
    this.#counted = new Map(
      speakers.map((report) => [report.speaker, counted(report.packets, this.#counted.get(report.speaker))]),
    );
    return new Set([...this.#counted].filter(([, { streak }]) => streak >= MIN_GARBAGE).map(([speaker]) => speaker));
  }
}

function counted({ received, garbage }: Report['packets'], before: Counted | undefined): Counted {
  // Who comes back is counted from the beginning.
  const since = before && before.received <= received ? before : { received: 0, garbage: 0, streak: 0 };
  const packets = received - since.received;
  const ofGarbage = garbage - since.garbage;
  if (packets < MIN_PACKETS) return { received: since.received, garbage: since.garbage, streak: since.streak };
  return { received, garbage, streak: ofGarbage / packets >= MOST ? since.streak + ofGarbage : 0 };
}
