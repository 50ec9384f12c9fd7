/**
 * Pairs each source segment of one session with the segments that translate it, by the names that the service gives them, in the order
 * in which they began. No timers, no sockets.
 *
 * Bounds: 64 pairs, then the oldest is dropped; and the names of the last 256 segments of removed pairs, which late texts and audio
 * of them do not open again.
 */
import { BoundedSet } from '../../collections/bounded-map.ts';
import type { SpeechTiming } from '../captions/caption-stream.ts';

const MAX_PAIRS = 64;
const MAX_REMOVED_SEGMENTS = 256;

/** A source segment with what translates it. */
export interface SegmentPair {
  source: string | undefined;
  sourceFinal: boolean;
  /** The source has no words: no translation of it will come. */
  empty: boolean;
  /** The start of the segment in milliseconds of the audio that its session was sent: as the service reports it, or the earliest possible start. */
  startMs: number;
  /** The end of the segment in that audio, if the service reports it. */
  endMs: number | undefined;
  /** When the source was spoken, in the room's time, as far as it has come. */
  spoken: SpeechTiming | undefined;
  /** How much audio the session had been sent when the last part of the pair became final. */
  finalAtMs: number;
  translations: Map<string, TranslatedSegment>;
}

export interface TranslatedSegment {
  final: boolean;
  voice: 'none' | 'streaming' | 'ended';
  /** The utterance that its voice belongs to; undefined: no voice of it was passed on yet. */
  utterance: string | undefined;
}

export class SegmentAlignment {
  #pairs: SegmentPair[] = [];
  readonly #removedSegments = new BoundedSet<string>(MAX_REMOVED_SEGMENTS);

  get pairs(): readonly SegmentPair[] {
    return this.#pairs;
  }

  get first(): SegmentPair | undefined {
    return this.#pairs[0];
  }

  /**
   * The pair of a source segment, else the pair of a translated segment, else a new pair.
   * @param earliestMs the earliest place in the session's audio that a new pair can begin at
   */
  pairFor(source: string | undefined, translation: string | undefined, earliestMs: number): SegmentPair {
    const bySource = this.#pairs.find((pair) => source !== undefined && pair.source === source);
    const byTranslation = this.#pairs.find(
      ({ translations }) => translation !== undefined && translations.has(translation),
    );
    if (bySource && byTranslation && bySource !== byTranslation) this.#merge(bySource, byTranslation);
    const known = bySource ?? byTranslation;
    if (!known) return this.#startPair(source, translation, earliestMs);
    if (known.source === undefined && source !== undefined) {
      known.source = source;
      known.sourceFinal = this.#removedSegments.has(source);
    }
    return known;
  }

  translationOf({ translations }: SegmentPair, segment: string): TranslatedSegment {
    const known = translations.get(segment) ?? {
      final: this.#removedSegments.has(segment),
      voice: 'none',
      utterance: undefined,
    };
    translations.set(segment, known);
    return known;
  }

  remove(pair: SegmentPair): void {
    this.#pairs = this.#pairs.filter((other) => other !== pair);
    const { source, translations } = pair;
    for (const segment of [source, ...translations.keys()])
      if (segment !== undefined) this.#removedSegments.add(segment);
  }

  removeAll(): void {
    for (const pair of this.#pairs) this.remove(pair);
  }

  /** The voice of a segment came before the service said which source segment it translates. */
  #merge(into: SegmentPair, other: SegmentPair): void {
    for (const [segment, translation] of other.translations) into.translations.set(segment, translation);
    this.#pairs = this.#pairs.filter((pair) => pair !== other);
    into.startMs = Math.min(into.startMs, other.startMs);
    into.spoken ??= other.spoken;
    into.finalAtMs = Math.max(into.finalAtMs, other.finalAtMs);
  }

  #startPair(source: string | undefined, translation: string | undefined, earliestMs: number): SegmentPair {
    const isLate = [source, translation].some((segment) => segment !== undefined && this.#removedSegments.has(segment));
    const pair: SegmentPair = {
      source,
      sourceFinal: source === undefined || isLate,
      empty: isLate,
      startMs: earliestMs,
      // The speech of a late segment is acknowledged already.
      endMs: isLate ? 0 : undefined,
      spoken: undefined,
      finalAtMs: 0,
      translations: new Map(),
    };
    this.#pairs.push(pair);
    if (this.#pairs.length > MAX_PAIRS) this.#pairs.shift();
    return pair;
  }
}
