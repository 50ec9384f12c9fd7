/**
 * What one session was said and what it makes of it: each source segment with what translates it, found by the names that the
 * service gives them, in the order in which they began. Pure. At most 64, and the last 256 names of what is over.
 */
const MAX_EXCHANGES = 64;
const MAX_OVER = 256;

/** A source segment with what translates it. */
export interface SegmentPair {
  source: string | undefined;
  sourceFinal: boolean;
  /** It is not worth a translation. */
  empty: boolean;
  /** Where it begins in what its session was sent: as the service says, or the earliest that it can be. */
  beginMs: number;
  /** Where it ends, as the service says. */
  endMs: number | undefined;
  /** When the source was said, in the room's time, as far as it has come. */
  said: { start: number; end: number } | undefined;
  /** How much its session had been sent when the last part of it became final. */
  finalAtMs: number;
  translations: Map<string, TranslatedSegment>;
}

export interface TranslatedSegment {
  final: boolean;
  voice: 'none' | 'comes' | 'ended';
  /** The utterance that its sound belongs to; undefined: none came yet that is to be heard. */
  says: string | undefined;
}

export class SegmentAlignment {
  #all: SegmentPair[] = [];
  /** What still comes of these segments opens nothing again. */
  readonly #over = new Set<string>();

  get all(): readonly SegmentPair[] {
    return this.#all;
  }

  get first(): SegmentPair | undefined {
    return this.#all[0];
  }

  /** Found by its source, else by a translation that it has, else begun. `earliestMs`: where it can begin at the earliest. */
  of(source: string | undefined, translation: string | undefined, earliestMs: number): SegmentPair {
    const bySource = this.#all.find((exchange) => source !== undefined && exchange.source === source);
    const byTranslation = this.#all.find(
      ({ translations }) => translation !== undefined && translations.has(translation),
    );
    if (bySource && byTranslation && bySource !== byTranslation) this.#merge(bySource, byTranslation);
    const known = bySource ?? byTranslation;
    if (!known) return this.#begin(source, translation, earliestMs);
    if (known.source === undefined && source !== undefined) {
      known.source = source;
      known.sourceFinal = this.#over.has(source);
    }
    return known;
  }

  translation({ translations }: SegmentPair, segment: string): TranslatedSegment {
    const known = translations.get(segment) ?? { final: this.#over.has(segment), voice: 'none', says: undefined };
    translations.set(segment, known);
    return known;
  }

  end(exchange: SegmentPair): void {
    this.#all = this.#all.filter((other) => other !== exchange);
    const { source, translations } = exchange;
    for (const segment of [source, ...translations.keys()]) if (segment !== undefined) this.#over.add(segment);
    for (const segment of this.#over) if (this.#over.size > MAX_OVER) this.#over.delete(segment);
  }

  endAll(): void {
    for (const exchange of this.#all) this.end(exchange);
  }

  /** Its sound came before it was known what it translates. */
  #merge(into: SegmentPair, other: SegmentPair): void {
    for (const [segment, translation] of other.translations) into.translations.set(segment, translation);
    this.#all = this.#all.filter((exchange) => exchange !== other);
    into.beginMs = Math.min(into.beginMs, other.beginMs);
    into.said ??= other.said;
    into.finalAtMs = Math.max(into.finalAtMs, other.finalAtMs);
  }

  #begin(source: string | undefined, translation: string | undefined, earliestMs: number): SegmentPair {
    const late = [source, translation].some((segment) => segment !== undefined && this.#over.has(segment));
    const exchange: SegmentPair = {
      source,
      sourceFinal: source === undefined || late,
      empty: late,
      beginMs: earliestMs,
      // What was said is settled already.
      endMs: late ? 0 : undefined,
      said: undefined,
      finalAtMs: 0,
      translations: new Map(),
    };
    this.#all.push(exchange);
    if (this.#all.length > MAX_EXCHANGES) this.#all.shift();
    return exchange;
  }
}
