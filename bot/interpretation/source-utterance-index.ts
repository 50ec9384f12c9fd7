/**
 * When each utterance of one speaker was said, as one session heard and cut it. Originals are published once, by one of the
 * speaker's interpretations; the session of another language cuts the same speech in its own way, and what it calls an utterance is
 * found among the published ones by the time at which it was said. The last 64. Pure.
 */
const MAX_UTTERANCES = 64;

/** Milliseconds since the room began; without an end, it goes on. */
export interface TimeSpan {
  start: number;
  end?: number | undefined;
}

export class SourceUtteranceIndex {
  readonly #spans = new Map<string, TimeSpan>();
  #lastEnd = 0;

  has(utterance: string): boolean {
    return this.#spans.has(utterance);
  }

  /** `start` may be too early, where the service does not tell: an utterance begins when those that ended before it are over. */
  record(utterance: string, { start, end }: TimeSpan): TimeSpan {
    const known = this.#spans.get(utterance);
    const span = { start: Math.max(known?.start ?? this.#lastEnd, start), end: end ?? known?.end };
    this.#spans.set(utterance, span);
    this.#lastEnd = Math.max(this.#lastEnd, end ?? 0);
    const [oldest] = this.#spans.keys();
    if (this.#spans.size > MAX_UTTERANCES && oldest !== undefined) this.#spans.delete(oldest);
    return span;
  }

  /** The utterance that was said at the time of another; undefined: none. */
  closest(span: TimeSpan, now: number): string | undefined {
    let closest: { utterance: string | undefined; share: number } = { utterance: undefined, share: 0 };
    for (const [utterance, candidate] of this.#spans) {
      const share = commonShare(span, candidate, now);
      if (share > closest.share) closest = { utterance, share };
    }
    return closest.utterance;
  }
}

/** What two have in common, as a share of what they are together: 1 where they are the same. */
function commonShare(a: TimeSpan, b: TimeSpan, now: number): number {
  const [endA, endB] = [a.end ?? now, b.end ?? now];
  const common = Math.min(endA, endB) - Math.max(a.start, b.start);
  return common <= 0 ? 0 : common / (Math.max(endA, endB) - Math.min(a.start, b.start));
}
