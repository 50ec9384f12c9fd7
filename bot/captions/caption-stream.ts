/**
 * Turns the segments of a service into captions of one kind: each segment becomes an utterance with exactly one final caption, or several
 * where it is long. No timers, no sockets.
 *
 * Hard requirement: a word that was shown stays shown, and is shown once. When speech is replayed to another session (`restart`), its
 * words continue the open utterances; words that are part of a final caption already are skipped.
 *
 * Bounds: the last 64 utterances are kept, so that voice that comes after a final caption finds its utterance; if more than 64 are open,
 * the oldest is ended.
 */
import type { SpeakerView } from '../../protocol/room-messages.ts';
import { removeOverlap, wordsOf } from '../interpretation/text-overlap.ts';
import type { SegmentText } from '../session/translation-session.ts';
import type { OutgoingCaption } from './caption-channel.ts';
import { segmentEnd } from './caption-segmentation.ts';
import { CaptionStabilizer, type CaptionText, type FinalText } from './caption-stabilizer.ts';

const MAX_UTTERANCES = 64;
/** A longer utterance is split at the end of its next sentence or clause. */
const LONG_MS = 15_000;
const LONG_CHARACTERS = 200;
const MIN_PART_CHARACTERS = 24;
const MAX_CHARACTERS = 280;

/** A caption's utterance, as Booth numbers them. */
interface CaptionUtterance {
  id: string;
  /** Its position in the order of speech: the final captions may come in another order. */
  position: number;
  start: number;
  /** The end of the utterance that it was split from; 0: it was not. */
  notBefore: number;
  sourceUtterance: string | undefined;
  stabilizer: CaptionStabilizer;
  /** The text that was shown last. */
  text: CaptionText;
  finished: boolean;
  /** The words of its final caption; empty before that. */
  words: readonly string[];
}

/** A piece of text, as the service segments it. */
interface SegmentState {
  /** Undefined while the segment only repeats what was shown before. */
  utterance: CaptionUtterance | undefined;
  /** The index in `#known` at which it begins to repeat known words; undefined: it repeats none. */
  knownFrom: number | undefined;
  /** How many known words it repeats. */
  covered: number;
  finished: boolean;
  /** The beginning of its text that was split off, and the utterances that it became; they have had their final captions. */
  split: { text: string; utterances: string[] };
}

export interface Timing {
  /** Milliseconds since the room began. */
  start: number;
  end: number;
}

export interface CaptionStreamOptions {
  kind: 'original' | 'translation';
  speaker: SpeakerView;
  nextUtterance: () => string;
  onCaption: (caption: OutgoingCaption) => void;
  nowMs: () => number;
}

export class CaptionStream {
  readonly #options: CaptionStreamOptions;
  readonly #segments = new Map<string, SegmentState>();
  /** Utterances with a final caption whose speech may have to be replayed, in the order of speech. */
  #finished: CaptionUtterance[] = [];
  #utteranceCount = 0;
  /** The words of final captions from before the present session, which it may repeat. */
  #known: { word: string; utterance: CaptionUtterance }[] = [];
  /** How many known words were repeated by segments that have been removed. */
  #coveredBefore = 0;
  /** Open utterances of lost sessions, which the next segments continue. */
  #interrupted: CaptionUtterance[] = [];

  constructor(options: CaptionStreamOptions) {
    this.#options = options;
  }

  /** The utterance of a segment, which may be asked for before its text comes; where it was split, the `part`-th, else the last. */
  utteranceOf(segment: string, part = Number.POSITIVE_INFINITY): string {
    const { utterance, knownFrom, covered, split } = this.#segmentFor(segment, 0);
    const earlier = split.utterances[utterance ? part : Math.min(part, split.utterances.length - 1)];
    if (earlier !== undefined) return earlier;
    if (utterance) return utterance.id;
    const known = knownFrom === undefined ? undefined : this.#known[knownFrom + Math.max(0, covered - 1)];
    return known?.utterance.id ?? this.#utteranceFor(segment, 0, undefined).id;
  }

  /** How many utterances have been split off a segment. */
  partCount(segment: string): number {
    return this.#segmentFor(segment, 0).split.utterances.length;
  }

  /** The utterances that a segment repeats, as far as it has come: at least the one that is due where it begins. */
  repeatedUtterances(segment: string): string[] {
    const { knownFrom, covered } = this.#segmentFor(segment, 0);
    if (knownFrom === undefined) return [];
    const known = this.#known.slice(knownFrom, knownFrom + Math.max(1, covered));
    return [...new Set(known.map(({ utterance }) => utterance.id))];
  }

  /** Takes the text of a segment as it is now. */
  update(text: SegmentText, { start, end }: Timing, sourceUtterance?: string): void {
    const segment = this.#segmentFor(text.segment, start);
    if (segment.finished) return;
    segment.finished = text.final;
    const unknown = segment.knownFrom === undefined ? text : this.#removeKnown(segment, segment.knownFrom, text);
    const fresh = removeSplit(segment.split.text, unknown);
    if (fresh.stable + fresh.tentative === '' && (!segment.utterance || this.#detachUnlessNew(segment))) return;
    const utterance = this.#utteranceFor(text.segment, start, sourceUtterance);
    const onlyRepeats = fresh.stable + fresh.tentative === '' && text.stable + text.tentative !== '';
    if (text.final && onlyRepeats) utterance.stabilizer.retract();
    if (text.final) this.#finish(utterance, fresh.stable + fresh.tentative, end);
    else this.#show(segment, utterance, fresh, end);
  }

  /** The speech of a segment, and all speech before it, will not be replayed. */
  acknowledge(segment: string): void {
    const { utterance, knownFrom = this.#known.length, covered } = this.#segmentFor(segment, 0);
    const due = Map.groupBy(this.#known.slice(knownFrom + covered), (known) => known.utterance);
    for (const [each, words] of due) each.words = words.map(({ word }) => word);
    const last = utterance ? this.#finished.indexOf(utterance) : -1;
    this.#finished = this.#finished.filter(
      (each, i) => i > last && (due.has(each) || !this.#known.some((known) => known.utterance === each)),
    );
  }

  /** Speech that is not acknowledged is replayed to another session, from its beginning. */
  restart(): void {
    this.#interrupted = this.#open.slice(0, MAX_UTTERANCES);
    this.#known = this.#finished.flatMap((utterance) => utterance.words.map((word) => ({ word, utterance })));
    this.#segments.clear();
    this.#coveredBefore = 0;
  }

  /** The words that were shown of an open utterance. */
  shownWords(id: string): string[] {
    const utterance = this.#open.find((open) => open.id === id);
    return utterance ? wordsOf(utterance.stabilizer.shown) : [];
  }

  /** No more text comes: open utterances end with the text that was shown last, and are not replayed. */
  finishAll(end: number): void {
    for (const utterance of this.#open) this.#finish(utterance, '', end);
    const due = new Set(this.#known.slice(this.#coveredSoFar).map((known) => known.utterance));
    this.#finished = this.#finished.filter((utterance) => due.has(utterance));
    this.#interrupted = [];
    for (const segment of this.#segments.values()) segment.finished = true;
  }

  /** The service refused to translate: readers are told, even where nothing was shown. */
  contentFiltered(end: number): void {
    const open = this.#open;
    const utterances = open.length > 0 ? open : [this.#newUtterance(end)];
    for (const utterance of utterances) this.#finish(utterance, '', end, { contentFiltered: true });
    this.finishAll(end);
  }

  get #open(): CaptionUtterance[] {
    const utterances = [...this.#interrupted, ...[...this.#segments.values()].map(({ utterance }) => utterance)];
    return utterances.filter((utterance) => utterance !== undefined).filter(({ finished }) => !finished);
  }

  get #coveredSoFar(): number {
    return [...this.#segments.values()].reduce((sum, { covered }) => sum + covered, this.#coveredBefore);
  }

  #segmentFor(name: string, now: number): SegmentState {
    const known = this.#segments.get(name);
    if (known) return known;
    const from = this.#coveredSoFar;
    const knownFrom = from < this.#known.length ? from : undefined;
    const segment: SegmentState = {
      utterance: undefined,
      knownFrom,
      covered: 0,
      finished: false,
      split: { text: '', utterances: [] },
    };
    this.#segments.set(name, segment);
    if (this.#segments.size > MAX_UTTERANCES) this.#removeOldestSegment(now);
    return segment;
  }

  #utteranceFor(name: string, start: number, sourceUtterance: string | undefined): CaptionUtterance {
    const segment = this.#segmentFor(name, start);
    const utterance = segment.utterance ?? this.#interrupted.shift() ?? this.#newUtterance(start);
    segment.utterance = utterance;
    if (!wasShown(utterance) && start > 0) utterance.start = Math.max(start, utterance.notBefore);
    utterance.sourceUtterance ??= sourceUtterance;
    return utterance;
  }

  #newUtterance(start: number, notBefore = 0): CaptionUtterance {
    return {
      id: this.#options.nextUtterance(),
      position: this.#utteranceCount++,
      start,
      notBefore,
      sourceUtterance: undefined,
      stabilizer: new CaptionStabilizer(),
      text: { stable: '', tentative: '' },
      finished: false,
      words: [],
    };
  }

  /** A segment that only repeats known words in the end leaves its utterance open, for the next segment to continue. */
  #detachUnlessNew(segment: SegmentState): boolean {
    if (segment.knownFrom === undefined || !segment.finished) return false;
    if (segment.utterance) this.#interrupted.unshift(segment.utterance);
    segment.utterance = undefined;
    return true;
  }

  /** Where the repetition ends is certain only in the final text: until then, all new text is tentative. */
  #removeKnown(segment: SegmentState, from: number, text: SegmentText): SegmentText {
    const known = this.#known.slice(from).map(({ word }) => word);
    const { rest, covered } = removeOverlap(known, text.stable + text.tentative);
    segment.covered = text.final && covered === 0 && rest !== '' ? this.#restOfKnownUtterance(from) : covered;
    return text.final ? { ...text, stable: rest, tentative: '' } : { ...text, stable: '', tentative: rest };
  }

  /** A segment unlike the utterance that is due has skipped it: else all that follows would be compared with known words. */
  #restOfKnownUtterance(from: number): number {
    const known = this.#known.slice(from);
    const next = known.findIndex(({ utterance }) => utterance !== known[0]?.utterance);
    return next < 0 ? known.length : next;
  }

  #show(segment: SegmentState, utterance: CaptionUtterance, text: CaptionText, end: number): void {
    const before = utterance.text;
    const { stable, tentative } = utterance.stabilizer.update(text.stable, text.tentative, this.#options.nowMs());
    if (stable + tentative === '' || (stable === before.stable && tentative === before.tentative)) return;
    utterance.text = { stable, tentative };
    if (this.#splitLong(segment, utterance, before.stable, end)) return;
    this.#emit(utterance, { stable, ...(tentative ? { tentative } : {}), final: false });
  }

  /** Ends a long utterance at a sentence or clause of its new stable text; the rest begins another utterance. */
  #splitLong(segment: SegmentState, utterance: CaptionUtterance, before: string, end: number): boolean {
    const { stable, tentative } = utterance.text;
    const isLong = end - utterance.start >= LONG_MS || stable.length >= LONG_CHARACTERS;
    const minCharacters = Math.max(before.length, MIN_PART_CHARACTERS);
    const at = isLong
      ? segmentEnd(stable, { minCharacters, maxCharacters: Math.max(minCharacters, MAX_CHARACTERS) })
      : undefined;
    if (at === undefined) return false;
    const splitMs = Math.round(utterance.start + ((end - utterance.start) * at) / (stable.length + tentative.length));
    this.#close(utterance, { stable: stable.slice(0, at) }, splitMs);
    segment.split.text += stable.slice(0, at);
    segment.split.utterances.push(utterance.id);
    segment.utterance = this.#newUtterance(splitMs, splitMs);
    segment.utterance.sourceUtterance = utterance.sourceUtterance;
    this.#show(segment, segment.utterance, { stable: stable.slice(at).trimStart(), tentative }, end);
    return true;
  }

  #finish(utterance: CaptionUtterance, text: string, end: number, outcome: { contentFiltered?: true } = {}): void {
    const final = utterance.stabilizer.finish(text);
    const isEmpty = final.stable === '' && final.corrected === undefined && !wasShown(utterance);
    // An utterance that has no text and was never shown needs no final caption.
    if (isEmpty && !outcome.contentFiltered) utterance.finished = true;
    else this.#close(utterance, { ...final, ...outcome }, end);
  }

  #close(utterance: CaptionUtterance, final: FinalText & { contentFiltered?: true }, end: number): void {
    utterance.finished = true;
    utterance.words = wordsOf(final.corrected ?? final.stable);
    this.#finished = [...this.#finished, utterance].sort((a, b) => a.position - b.position);
    if (this.#finished.length > MAX_UTTERANCES) this.#finished.shift();
    this.#emit(utterance, { ...final, final: true, end });
  }

  #emit(
    { id: utterance, start, sourceUtterance }: CaptionUtterance,
    text: Pick<OutgoingCaption, 'stable' | 'tentative' | 'final' | 'end' | 'corrected' | 'contentFiltered'>,
  ): void {
    const { kind, speaker, onCaption } = this.#options;
    onCaption({
      type: 'caption',
      utterance,
      speaker,
      kind,
      start,
      ...(sourceUtterance === undefined ? {} : { sourceUtterance }),
      ...text,
    });
  }

  #removeOldestSegment(now: number): void {
    const segments = [...this.#segments].slice(0, -1);
    const oldest = segments.find(([, { utterance }]) => utterance?.finished !== false) ?? segments[0];
    if (!oldest) return;
    const [name, { utterance, covered }] = oldest;
    this.#coveredBefore += covered;
    if (utterance && !utterance.finished) this.#finish(utterance, '', Math.max(now, utterance.start));
    this.#segments.delete(name);
  }
}

/** The text without the beginning that was split off. */
function removeSplit(split: string, text: SegmentText): SegmentText {
  const whole = text.stable + text.tentative;
  if (split === '') return text;
  const at = whole.startsWith(split) ? split.length : whole.length - removeOverlap(wordsOf(split), whole).rest.length;
  const [stable, tentative] = [text.stable.slice(at), text.tentative.slice(Math.max(0, at - text.stable.length))];
  return stable === ''
    ? { ...text, stable, tentative: tentative.trimStart() }
    : { ...text, stable: stable.trimStart(), tentative };
}

const wasShown = ({ text }: CaptionUtterance): boolean => text.stable + text.tentative !== '';
