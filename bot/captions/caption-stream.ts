/**
 * Turns the segments of a service into captions of one kind: each segment becomes an utterance with exactly one final caption, or several
 * where it is long. No timers, no sockets.
 *
 * Hard requirement: a word that was shown stays shown, and is shown once. When speech is replayed to another session (`restart`), its
 * words continue the open utterances; words that are part of a final caption already are recognised and left out.
 *
 * Bounds: the last 64 utterances are kept, so that voice that comes after a final caption finds its utterance; if more than 64 are open,
 * the oldest is ended.
 */
import type { SpeakerView } from '@mediasoup-booth/protocol';
import { removeOverlap, wordsOf } from '../interpretation/text-overlap.ts';
import type { SegmentText } from '../session/translation-session.ts';
import type { OutgoingCaption } from './caption-channel.ts';
import { findSplitOffset } from './caption-segmentation.ts';
import { CaptionStabilizer, type CaptionText, type FinalText } from './caption-stabilizer.ts';

const MAX_UTTERANCES = 64;
/** A longer utterance is split at the end of its next sentence or clause. */
const LONG_MS = 15_000;
const LONG_CHARACTERS = 200;
const MIN_PART_CHARACTERS = 24;
/** A text of this length without an end of a sentence or clause is split between two words. */
const FORCE_SPLIT_AT = 280;

/** A caption's utterance, as Booth numbers them. */
interface CaptionUtterance {
  id: string;
  /** Its position in the order of speech: the final captions may come in another order. */
  position: number;
  /** When its speech began, in milliseconds since the room began; 0 until that is known. */
  startRoomMs: number;
  /** When the utterance ended that it was split from; undefined: it was not split from another one. */
  notBeforeRoomMs: number | undefined;
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
  /** Undefined while the segment only repeats words that are final already. */
  utterance: CaptionUtterance | undefined;
  /** Its text is compared with `#finalWords` from this index on; undefined: none are left that it could repeat. */
  matchStart: number | undefined;
  /** How many of the final words it repeats, from `matchStart` on. */
  matchedWordCount: number;
  finished: boolean;
  /** The beginning of its text that was split off, and the utterances that it became; they have had their final captions. */
  split: { text: string; utterances: string[] };
}

export interface SpeechTiming {
  /** When the speech began, in milliseconds since the room began. */
  startRoomMs: number;
  /** When the speech ended; while it continues, the end of what has been recognized. */
  endRoomMs: number;
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
  /** The words that earlier sessions made final and that the present session may repeat, as their speech is replayed to it. */
  #finalWords: { word: string; utterance: CaptionUtterance }[] = [];
  /** How many of the final words were repeated by segments that have been removed. */
  #matchedByRemoved = 0;
  /** Open utterances of lost sessions, which the next segments continue. */
  #interrupted: CaptionUtterance[] = [];

  constructor(options: CaptionStreamOptions) {
    this.#options = options;
  }

  /**
   * The utterance of a segment, which may be asked for before the segment's text comes.
   *
   * @param partIndex which of the utterances into which a long segment was split, from 0; default: the last one
   * @example
   * stream.utteranceOf('s1', 0); // 'u1': the first part, which has had its final caption
   * stream.utteranceOf('s1'); // 'u2': the part that is still open
   */
  utteranceOf(segment: string, partIndex = Number.POSITIVE_INFINITY): string {
    const { utterance, matchStart, matchedWordCount, split } = this.#segmentFor(segment);
    const splitOff = split.utterances[utterance ? partIndex : Math.min(partIndex, split.utterances.length - 1)];
    if (splitOff !== undefined) return splitOff;
    if (utterance) return utterance.id;
    const lastMatched =
      matchStart === undefined ? undefined : this.#finalWords[matchStart + Math.max(0, matchedWordCount - 1)];
    return lastMatched?.utterance.id ?? this.#utteranceFor(segment, undefined, undefined).id;
  }

  /** How many utterances have been split off a segment. */
  partCount(segment: string): number {
    return this.#segmentFor(segment).split.utterances.length;
  }

  /**
   * The ids of the utterances that a segment may repeat: those whose final words its text has matched so far; before it has matched any,
   * the utterance that comes next in the replay. Empty where nothing is left that it could repeat.
   */
  replayCandidates(segment: string): string[] {
    const { matchStart, matchedWordCount } = this.#segmentFor(segment);
    if (matchStart === undefined) return [];
    const candidates = this.#finalWords.slice(matchStart, matchStart + Math.max(1, matchedWordCount));
    return [...new Set(candidates.map(({ utterance }) => utterance.id))];
  }

  /** Takes the text of a segment as it is now. */
  update(text: SegmentText, { startRoomMs, endRoomMs }: SpeechTiming, sourceUtterance?: string): void {
    const segment = this.#segmentFor(text.segment, startRoomMs);
    if (segment.finished) return;
    segment.finished = text.final;
    const unmatched =
      segment.matchStart === undefined ? text : this.#removeFinalWords(segment, segment.matchStart, text);
    const fresh = removeSplit(segment.split.text, unmatched);
    if (fresh.confirmed + fresh.tentative === '' && (!segment.utterance || this.#detachIfRepeated(segment))) return;
    const utterance = this.#utteranceFor(text.segment, startRoomMs, sourceUtterance);
    const onlyRepeats = fresh.confirmed + fresh.tentative === '' && text.confirmed + text.tentative !== '';
    if (text.final && onlyRepeats) utterance.stabilizer.retract();
    if (text.final) this.#finalize(utterance, fresh.confirmed + fresh.tentative, endRoomMs);
    else this.#show(segment, utterance, fresh, endRoomMs);
  }

  /** The speech of a segment, and all speech before it, will not be replayed. */
  acknowledge(segment: string): void {
    const { utterance, matchStart = this.#finalWords.length, matchedWordCount } = this.#segmentFor(segment);
    const notYetRepeated = Map.groupBy(this.#finalWords.slice(matchStart + matchedWordCount), (word) => word.utterance);
    for (const [each, words] of notYetRepeated) each.words = words.map(({ word }) => word);
    const last = utterance ? this.#finished.indexOf(utterance) : -1;
    this.#finished = this.#finished.filter(
      (each, i) => i > last && (notYetRepeated.has(each) || !this.#finalWords.some((word) => word.utterance === each)),
    );
  }

  /** Speech that is not acknowledged is replayed to another session, from its beginning. */
  restart(): void {
    this.#interrupted = this.#open.slice(0, MAX_UTTERANCES);
    this.#finalWords = this.#finished.flatMap((utterance) => utterance.words.map((word) => ({ word, utterance })));
    this.#segments.clear();
    this.#matchedByRemoved = 0;
  }

  /** The words that were shown of an open utterance. */
  shownWords(id: string): string[] {
    const utterance = this.#open.find((open) => open.id === id);
    return utterance ? wordsOf(utterance.stabilizer.shown) : [];
  }

  /** No more text comes: open utterances end with the text that was shown last, and are not replayed. */
  finishAll(endRoomMs: number): void {
    for (const utterance of this.#open) this.#finalize(utterance, '', endRoomMs);
    const notYetRepeated = new Set(this.#finalWords.slice(this.#matchedWordCount).map((word) => word.utterance));
    this.#finished = this.#finished.filter((utterance) => notYetRepeated.has(utterance));
    this.#interrupted = [];
    for (const segment of this.#segments.values()) segment.finished = true;
  }

  /** The service refused to translate: open utterances end marked as filtered; where none is open, an empty one is shown for it. */
  contentFiltered(endRoomMs: number): void {
    const open = this.#open;
    const utterances = open.length > 0 ? open : [this.#newUtterance(endRoomMs)];
    for (const utterance of utterances) this.#finalize(utterance, '', endRoomMs, { contentFiltered: true });
    this.finishAll(endRoomMs);
  }

  get #open(): CaptionUtterance[] {
    const utterances = [...this.#interrupted, ...[...this.#segments.values()].map(({ utterance }) => utterance)];
    return utterances.filter((utterance) => utterance !== undefined).filter(({ finished }) => !finished);
  }

  get #matchedWordCount(): number {
    return [...this.#segments.values()].reduce(
      (sum, { matchedWordCount }) => sum + matchedWordCount,
      this.#matchedByRemoved,
    );
  }

  /** @param startRoomMs when the segment's speech began; default: not known yet */
  #segmentFor(name: string, startRoomMs = 0): SegmentState {
    const existing = this.#segments.get(name);
    if (existing) return existing;
    const from = this.#matchedWordCount;
    const matchStart = from < this.#finalWords.length ? from : undefined;
    const segment: SegmentState = {
      utterance: undefined,
      matchStart,
      matchedWordCount: 0,
      finished: false,
      split: { text: '', utterances: [] },
    };
    this.#segments.set(name, segment);
    if (this.#segments.size > MAX_UTTERANCES) this.#removeOldestSegment(startRoomMs);
    return segment;
  }

  #utteranceFor(name: string, startRoomMs: number | undefined, sourceUtterance: string | undefined): CaptionUtterance {
    const segment = this.#segmentFor(name, startRoomMs);
    const utterance = segment.utterance ?? this.#interrupted.shift() ?? this.#newUtterance(startRoomMs ?? 0);
    segment.utterance = utterance;
    if (!wasShown(utterance) && startRoomMs !== undefined)
      utterance.startRoomMs = Math.max(startRoomMs, utterance.notBeforeRoomMs ?? 0);
    utterance.sourceUtterance ??= sourceUtterance;
    return utterance;
  }

  #newUtterance(startRoomMs: number, notBeforeRoomMs?: number): CaptionUtterance {
    return {
      id: this.#options.nextUtterance(),
      position: this.#utteranceCount++,
      startRoomMs,
      notBeforeRoomMs,
      sourceUtterance: undefined,
      stabilizer: new CaptionStabilizer(),
      text: { stable: '', tentative: '' },
      finished: false,
      words: [],
    };
  }

  /**
   * Detaches the utterance of a finished segment that turned out to repeat only final words: it stays open, and the next segment
   * continues it.
   *
   * @returns whether it did; false if the segment is not finished or was not compared with final words
   */
  #detachIfRepeated(segment: SegmentState): boolean {
    if (segment.matchStart === undefined || !segment.finished) return false;
    if (segment.utterance) this.#interrupted.unshift(segment.utterance);
    segment.utterance = undefined;
    return true;
  }

  /** Removes the words that are final already. Where they end is certain only in a final text: until then, all new text is tentative. */
  #removeFinalWords(segment: SegmentState, from: number, text: SegmentText): SegmentText {
    const words = this.#finalWords.slice(from).map(({ word }) => word);
    const { rest, matchedWordCount } = removeOverlap(words, text.confirmed + text.tentative);
    const isUnlikeAll = text.final && matchedWordCount === 0 && rest !== '';
    segment.matchedWordCount = isUnlikeAll ? this.#wordsLeftInUtterance(from) : matchedWordCount;
    return text.final ? { ...text, confirmed: rest, tentative: '' } : { ...text, confirmed: '', tentative: rest };
  }

  /**
   * How many words are left of the utterance that has the final word at `from`. A final segment that matches none of the words counts as
   * the replay of that utterance in entirely other words, so that the next segment is compared with the next utterance. Example: the final
   * words are "Good morning" and "Let us begin"; the replay says "Hi everybody", which matches neither, then "Let us begin". The first
   * segment is new text and uses up "Good morning", and the second one is recognised as a repetition.
   */
  #wordsLeftInUtterance(from: number): number {
    const left = this.#finalWords.slice(from);
    const next = left.findIndex(({ utterance }) => utterance !== left[0]?.utterance);
    return next < 0 ? left.length : next;
  }

  #show(
    segment: SegmentState,
    utterance: CaptionUtterance,
    text: Omit<SegmentText, 'segment' | 'final'>,
    endRoomMs: number,
  ): void {
    const before = utterance.text;
    const { stable, tentative } = utterance.stabilizer.update(text.confirmed, text.tentative, this.#options.nowMs());
    if (stable + tentative === '' || (stable === before.stable && tentative === before.tentative)) return;
    utterance.text = { stable, tentative };
    if (this.#splitLong(segment, utterance, before.stable, endRoomMs)) return;
    this.#emit(utterance, { stable, ...(tentative ? { tentative } : {}), final: false });
  }

  /** Ends a long utterance at a sentence or clause of its new stable text; the rest begins another utterance. */
  #splitLong(segment: SegmentState, utterance: CaptionUtterance, before: string, endRoomMs: number): boolean {
    const { stable, tentative } = utterance.text;
    const isLong = endRoomMs - utterance.startRoomMs >= LONG_MS || stable.length >= LONG_CHARACTERS;
    const minCharacters = Math.max(before.length, MIN_PART_CHARACTERS);
    const at = isLong
      ? findSplitOffset(stable, { minCharacters, forceSplitAt: Math.max(minCharacters, FORCE_SPLIT_AT) })
      : undefined;
    if (at === undefined) return false;
    const splitRoomMs = Math.round(
      utterance.startRoomMs + ((endRoomMs - utterance.startRoomMs) * at) / (stable.length + tentative.length),
    );
    this.#emitFinal(utterance, { stable: stable.slice(0, at) }, splitRoomMs);
    segment.split.text += stable.slice(0, at);
    segment.split.utterances.push(utterance.id);
    segment.utterance = this.#newUtterance(splitRoomMs, splitRoomMs);
    segment.utterance.sourceUtterance = utterance.sourceUtterance;
    const rest = { confirmed: stable.slice(at).trimStart(), tentative };
    this.#show(segment, segment.utterance, rest, endRoomMs);
    return true;
  }

  #finalize(
    utterance: CaptionUtterance,
    text: string,
    endRoomMs: number,
    outcome: { contentFiltered?: true } = {},
  ): void {
    const final = utterance.stabilizer.finish(text);
    const isEmpty = final.stable === '' && final.corrected === undefined && !wasShown(utterance);
    // An utterance that has no text and was never shown needs no final caption.
    if (isEmpty && !outcome.contentFiltered) utterance.finished = true;
    else this.#emitFinal(utterance, { ...final, ...outcome }, endRoomMs);
  }

  #emitFinal(utterance: CaptionUtterance, final: FinalText & { contentFiltered?: true }, endRoomMs: number): void {
    utterance.finished = true;
    utterance.words = wordsOf(final.corrected ?? final.stable);
    this.#finished = [...this.#finished, utterance].sort((a, b) => a.position - b.position);
    if (this.#finished.length > MAX_UTTERANCES) this.#finished.shift();
    this.#emit(utterance, { ...final, final: true, end: endRoomMs });
  }

  #emit(
    { id: utterance, startRoomMs, sourceUtterance }: CaptionUtterance,
    text: Pick<OutgoingCaption, 'stable' | 'tentative' | 'final' | 'end' | 'corrected' | 'contentFiltered'>,
  ): void {
    const { kind, speaker, onCaption } = this.#options;
    onCaption({
      type: 'caption',
      utterance,
      speaker,
      kind,
      start: startRoomMs,
      ...(sourceUtterance === undefined ? {} : { sourceUtterance }),
      ...text,
    });
  }

  /** @param cutoffRoomMs when the next segment began: an utterance that is still open ends then, though not before its own start */
  #removeOldestSegment(cutoffRoomMs: number): void {
    const segments = [...this.#segments].slice(0, -1);
    const oldest = segments.find(([, { utterance }]) => utterance?.finished !== false) ?? segments[0];
    if (!oldest) return;
    const [name, { utterance, matchedWordCount }] = oldest;
    this.#matchedByRemoved += matchedWordCount;
    if (utterance && !utterance.finished) this.#finalize(utterance, '', Math.max(cutoffRoomMs, utterance.startRoomMs));
    this.#segments.delete(name);
  }
}

/** The text without the beginning that was split off. */
function removeSplit(split: string, text: SegmentText): SegmentText {
  const whole = text.confirmed + text.tentative;
  if (split === '') return text;
  const at = whole.startsWith(split) ? split.length : whole.length - removeOverlap(wordsOf(split), whole).rest.length;
  const [confirmed, tentative] = [
    text.confirmed.slice(at),
    text.tentative.slice(Math.max(0, at - text.confirmed.length)),
  ];
  return confirmed === ''
    ? { ...text, confirmed, tentative: tentative.trimStart() }
    : { ...text, confirmed: confirmed.trimStart(), tentative };
}

const wasShown = ({ text }: CaptionUtterance): boolean => text.stable + text.tentative !== '';
