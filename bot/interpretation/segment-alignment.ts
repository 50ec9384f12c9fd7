/**
 * What one session was said and what it makes of it: each source segment with what translates it, found by the names that the
 * service gives them, in the order in which they began. Pure. At most 64, and the last 256 names of what is over.
 */
const MAX_PAIRS = 64;
const MAX_REMOVED_SEGMENTS = 256;

/** A source segment with what translates it. */
export interface SegmentPair {
  source: string | undefined;
  sourceFinal: boolean;
  /** It is not worth a translation. */
  empty: boolean;
  /** Where it begins in what its session was sent: as the service says, or the earliest that it can be. */
  startMs: number;
  /** Where it ends, as the service says. */
  endMs: number | undefined;
  /** When the source was said, in the room's time, as far as it has come. */
  spoken: { start: number; end: number } | undefined;
  /** How much its session had been sent when the last part of it became final. */
  finalAtMs: number;
  translations: Map<string, TranslatedSegment>;
}

export interface TranslatedSegment {
  final: boolean;
  voice: 'none' | 'comes' | 'ended';
  /** The utterance that its sound belongs to; undefined: none came yet that is to be heard. */
  utterance: string | undefined;
}

export class SegmentAlignment {
  #pairs: SegmentPair[] = [];
  /** What still comes of these segments opens nothing again. */
  readonly #removedSegments = new Set<string>();

  get pairs(): readonly SegmentPair[] {
    return this.#pairs;
  }

  get first(): SegmentPair | undefined {
    return this.#pairs[0];
  }

  /** Found by its source, else by a translation that it has, else begun. `earliestMs`: where it can begin at the earliest. */
  pairFor(source: string | undefined, translationOf: string | undefined, earliestMs: number): SegmentPair {
    const bySource = this.#pairs.find((exchange) => source !== undefined && exchange.source === source);
    const byTranslation = this.#pairs.find(
      ({ translations }) => translationOf !== undefined && translations.has(translationOf),
    );
    if (bySource && byTranslation && bySource !== byTranslation) this.#merge(bySource, byTranslation);
    const known = bySource ?? byTranslation;
    if (!known) return this.#startPair(source, translationOf, earliestMs);
    if (known.source === undefined && source !== undefined) {
      known.source = source;
      known.sourceFinal = this.#removedSegments.has(source);
    }
    return known;
  }

  translation({ translations }: SegmentPair, segment: string): TranslatedSegment {
    const known = translations.get(segment) ?? {
      final: this.#removedSegments.has(segment),
      voice: 'none',
      utterance: undefined,
    };
    translations.set(segment, known);
    return known;
  }

  remove(exchange: SegmentPair): void {
    this.#pairs = this.#pairs.filter((other) => other !== exchange);
    const { source, translations } = exchange;
    for (const segment of [source, ...translations.keys()])
      if (segment !== undefined) this.#removedSegments.add(segment);
    for (const segment of this.#removedSegments)
      if (this.#removedSegments.size > MAX_REMOVED_SEGMENTS) this.#removedSegments.delete(segment);
  }

  removeAll(): void {
    for (const exchange of this.#pairs) this.remove(exchange);
  }

  /** Its sound came before it was known what it translates. */
  #merge(into: SegmentPair, other: SegmentPair): void {
    for (const [segment, translation] of other.translations) into.translations.set(segment, translation);
    this.#pairs = this.#pairs.filter((exchange) => exchange !== other);
    into.startMs = Math.min(into.startMs, other.startMs);
    into.spoken ??= other.spoken;
    into.finalAtMs = Math.max(into.finalAtMs, other.finalAtMs);
  }

  #startPair(source: string | undefined, translation: string | undefined, earliestMs: number): SegmentPair {
    const late = [source, translation].some((segment) => segment !== undefined && this.#removedSegments.has(segment));
    const exchange: SegmentPair = {
      source,
      sourceFinal: source === undefined || late,
      empty: late,
      startMs: earliestMs,
      // What was said is settled already.
      endMs: late ? 0 : undefined,
      spoken: undefined,
      finalAtMs: 0,
      translations: new Map(),
    };
    this.#pairs.push(exchange);
    if (this.#pairs.length > MAX_PAIRS) this.#pairs.shift();
    return exchange;
  }
}
