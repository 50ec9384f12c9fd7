/**
 * When each source utterance of one speaker was spoken, as one session segmented the speech. Original captions are published once, by
 * one of the speaker's interpretations; the session of another language segments the same speech in its own way, and its segments find
 * their published utterance by the time at which they were spoken. Holds the last 64 utterances. No timers, no sockets.
 */
import { BoundedMap } from '../../collections/bounded-map.ts';

const MAX_UTTERANCES = 64;

/** Milliseconds since the room began. An utterance that is still spoken has no end. */
export interface TimeSpan {
  start: number;
  end?: number | undefined;
}

export class SourceUtteranceIndex {
  readonly #spans = new BoundedMap<string, TimeSpan>(MAX_UTTERANCES);
  #lastEnd = 0;

  has(utterance: string): boolean {
    return this.#spans.has(utterance);
  }

  /**
   * Records when an utterance is spoken, as far as is known.
   * @param span its `start` may be too early, where the service does not tell: an utterance begins after the end of those before it
   * @returns the span as it is known now
   */
  record(utterance: string, { start, end }: TimeSpan): TimeSpan {
    const known = this.#spans.get(utterance);
    const span = { start: Math.max(known?.start ?? this.#lastEnd, start), end: end ?? known?.end };
    this.#spans.set(utterance, span);
    this.#lastEnd = Math.max(this.#lastEnd, end ?? 0);
    return span;
  }

  /** The utterance that shares most of its time with a span; undefined: none shares any. */
  closest(span: TimeSpan, now: number): string | undefined {
    let closest: { utterance: string | undefined; share: number } = { utterance: undefined, share: 0 };
    for (const [utterance, candidate] of this.#spans) {
      const share = commonShare(span, candidate, now);
      if (share > closest.share) closest = { utterance, share };
    }
    return closest.utterance;
  }
}

/** The intersection of two spans over their union, from 0 to 1. */
function commonShare(a: TimeSpan, b: TimeSpan, now: number): number {
  const [endA, endB] = [a.end ?? now, b.end ?? now];
  const common = Math.min(endA, endB) - Math.max(a.start, b.start);
  return common <= 0 ? 0 : common / (Math.max(endA, endB) - Math.min(a.start, b.start));
}
