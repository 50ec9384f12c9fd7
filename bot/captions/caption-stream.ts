/**
 * The segments that a service speaks of → captions of one kind, each segment an utterance of ours with exactly one final.
 *
 * Hard requirement: what was shown stays shown, and is shown once. When the same speech is said again to another session
 * (`restart`), its words continue the utterances that are open; words that have had their final are passed over.
 *
 * The last 64 utterances are remembered, so that sound which comes after a final finds its utterance; should more than 64 be
 * open, the oldest is ended.
 */
import type { SpeakerView } from '../../protocol/room-messages.ts';
import { removeOverlap, wordsOf } from '../interpretation/text-overlap.ts';
import type { SegmentText } from '../session/translation-session.ts';
import type { OutgoingCaption } from './caption-channel.ts';
import { segmentEnd } from './caption-segmentation.ts';
import { CaptionStabilizer, type CaptionText, type FinalText } from './caption-stabilizer.ts';

const REMEMBERED = 64;
/** An utterance that is longer is cut at its next clause. */
const LONG_MS = 15_000;
const LONG_CHARACTERS = 200;
const SHORTEST_CUT_CHARACTERS = 24;
const LONGEST_CHARACTERS = 280;

/** One utterance of ours. */
interface CaptionUtterance {
  id: string;
  /** Its place among all lines, in the order in which they were said: a later one may have its final before. */
  place: number;
  start: number;
  /** Where the utterance that it was cut from ends. */
  notBefore: number;
  sourceUtterance: string | undefined;
  stabilizer: CaptionStabilizer;
  /** As it was shown last. */
  text: CaptionText;
  finished: boolean;
  /** Once it is finished. */
  words: readonly string[];
}

/** One segment of the service's. */
interface SegmentState {
  /** Undefined: it has said nothing yet that was not shown before. */
  utterance: CaptionUtterance | undefined;
  /** Where in what is known its text begins; undefined: it says nothing known. */
  knownFrom: number | undefined;
  covered: number;
  finished: boolean;
  /** What of its text has been cut off, as utterances that have had their final. */
  cut: { text: string; utterances: string[] };
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
  /** Finished, of speech that may have to be said again, in the order in which it was said. */
  #finished: CaptionUtterance[] = [];
  #utteranceCount = 0;
  /** What had its final before the session that speaks now, word by word. */
  #known: { word: string; line: CaptionUtterance }[] = [];
  /** How many of them were said again by segments that are forgotten. */
  #coveredBefore = 0;
  /** Begun in a session that is gone. */
  #interrupted: CaptionUtterance[] = [];

  constructor(options: CaptionStreamOptions) {
    this.#options = options;
  }

  /** The utterance that a segment is, known from its first mention on; where it is cut into several, the `part`-th, or the last. */
  utteranceOf(segment: string, part = Number.POSITIVE_INFINITY): string {
    const { utterance: line, knownFrom, covered, cut } = this.#segmentFor(segment, 0);
    const earlier = cut.utterances[line ? part : Math.min(part, cut.utterances.length - 1)];
    if (earlier !== undefined) return earlier;
    if (line) return line.id;
    const known = knownFrom === undefined ? undefined : this.#known[knownFrom + Math.max(0, covered - 1)];
    return known?.line.id ?? this.#utteranceFor(segment, 0, undefined).id;
  }

  /** How many utterances have been cut off a segment. */
  partCount(segment: string): number {
    return this.#segmentFor(segment, 0).cut.utterances.length;
  }

  /** The utterances that a segment says again, as far as it has come: at least the one that is due where it begins. */
  repeatedUtterances(segment: string): string[] {
    const { knownFrom, covered } = this.#segmentFor(segment, 0);
    if (knownFrom === undefined) return [];
    const known = this.#known.slice(knownFrom, knownFrom + Math.max(1, covered));
    return [...new Set(known.map(({ line }) => line.id))];
  }

  update(text: SegmentText, { start, end }: Timing, sourceUtterance?: string): void {
    const segment = this.#segmentFor(text.segment, start);
    if (segment.finished) return;
    segment.finished = text.final;
    const unknown = segment.knownFrom === undefined ? text : this.#removeKnown(segment, segment.knownFrom, text);
    const fresh = removeCut(segment.cut.text, unknown);
    if (fresh.stable + fresh.tentative === '' && (!segment.utterance || this.#detachUnlessNew(segment))) return;
    const line = this.#utteranceFor(text.segment, start, sourceUtterance);
    const saysNothing = fresh.stable + fresh.tentative === '' && text.stable + text.tentative !== '';
    if (text.final && saysNothing) line.stabilizer.retract();
    if (text.final) this.#finish(line, fresh.stable + fresh.tentative, end);
    else this.#show(segment, line, fresh, end);
  }

  /** The speech of a segment, and of all before it, will not be said again. */
  acknowledge(segment: string): void {
    const { utterance: line, knownFrom = this.#known.length, covered } = this.#segmentFor(segment, 0);
    const again = Map.groupBy(this.#known.slice(knownFrom + covered), (known) => known.line);
    for (const [each, words] of again) each.words = words.map(({ word }) => word);
    const last = line ? this.#finished.indexOf(line) : -1;
    this.#finished = this.#finished.filter(
      (each, i) => i > last && (again.has(each) || !this.#known.some((known) => known.line === each)),
    );
  }

  /** Another session hears what is not settled, from its beginning. */
  restart(): void {
    this.#interrupted = this.#open.slice(0, REMEMBERED);
    this.#known = this.#finished.flatMap((line) => line.words.map((word) => ({ word, line })));
    this.#segments.clear();
    this.#coveredBefore = 0;
  }

  /** What was shown of an utterance that has had no final yet. */
  shownWords(utterance: string): string[] {
    const line = this.#open.find((open) => open.id === utterance);
    return line ? wordsOf(line.stabilizer.shown) : [];
  }

  /** Nothing more comes: what is open ends with what was shown of it, and is not said again. */
  finishAll(end: number): void {
    for (const line of this.#open) this.#finish(line, '', end);
    const due = new Set(this.#known.slice(this.#coveredSoFar).map((known) => known.line));
    this.#finished = this.#finished.filter((line) => due.has(line));
    this.#interrupted = [];
    for (const segment of this.#segments.values()) segment.finished = true;
  }

  /** The service would not say it: readers are told, though nothing was shown of it. */
  contentFiltered(end: number): void {
    const open = this.#open;
    const lines = open.length > 0 ? open : [this.#newUtterance(end)];
    for (const line of lines) this.#finish(line, '', end, { contentFiltered: true });
    this.finishAll(end);
  }

  get #open(): CaptionUtterance[] {
    const lines = [...this.#interrupted, ...[...this.#segments.values()].map(({ utterance: line }) => line)];
    return lines.filter((line) => line !== undefined).filter(({ finished }) => !finished);
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
      cut: { text: '', utterances: [] },
    };
    this.#segments.set(name, segment);
    if (this.#segments.size > REMEMBERED) this.#removeOldestSegment(now);
    return segment;
  }

  #utteranceFor(name: string, start: number, sourceUtterance: string | undefined): CaptionUtterance {
    const segment = this.#segmentFor(name, start);
    const line = segment.utterance ?? this.#interrupted.shift() ?? this.#newUtterance(start);
    segment.utterance = line;
    if (!wasShown(line) && start > 0) line.start = Math.max(start, line.notBefore);
    line.sourceUtterance ??= sourceUtterance;
    return line;
  }

  #newUtterance(start: number, notBefore = 0): CaptionUtterance {
    const utterance = this.#options.nextUtterance();
    return {
      id: utterance,
      place: this.#utteranceCount++,
      start,
      notBefore,
      sourceUtterance: undefined,
      stabilizer: new CaptionStabilizer(),
      text: { stable: '', tentative: '' },
      finished: false,
      words: [],
    };
  }

  /** What was shown of a segment that says nothing new in the end was a guess, which the next will make good. */
  #detachUnlessNew(segment: SegmentState): boolean {
    if (segment.knownFrom === undefined || !segment.finished) return false;
    if (segment.utterance) this.#interrupted.unshift(segment.utterance);
    segment.utterance = undefined;
    return true;
  }

  /** While it grows, where the known ends is a guess: only the final word on it is not tentative. */
  #removeKnown(segment: SegmentState, from: number, text: SegmentText): SegmentText {
    const known = this.#known.slice(from).map(({ word }) => word);
    const { rest, covered } = removeOverlap(known, text.stable + text.tentative);
    segment.covered = text.final && covered === 0 && rest !== '' ? this.#restOfKnownUtterance(from) : covered;
    return text.final ? { ...text, stable: rest, tentative: '' } : { ...text, stable: '', tentative: rest };
  }

  /** What has nothing in common with an utterance that is due again has passed it over: else all that follows would count as known. */
  #restOfKnownUtterance(from: number): number {
    const known = this.#known.slice(from);
    const next = known.findIndex(({ line }) => line !== known[0]?.line);
    return next < 0 ? known.length : next;
  }

  #show(segment: SegmentState, line: CaptionUtterance, text: CaptionText, end: number): void {
    const before = line.text;
    const { stable, tentative } = line.stabilizer.update(text.stable, text.tentative, this.#options.nowMs());
    if (stable + tentative === '' || (stable === before.stable && tentative === before.tentative)) return;
    line.text = { stable, tentative };
    if (this.#splitLong(segment, line, before.stable, end)) return;
    this.#emit(line, { stable, ...(tentative ? { tentative } : {}), final: false });
  }

  /** What is too long for one utterance, and stable up to a clause that is still to be shown, is ended there; the rest begins another. */
  #splitLong(segment: SegmentState, line: CaptionUtterance, before: string, end: number): boolean {
    const { stable, tentative } = line.text;
    const isLong = end - line.start >= LONG_MS || stable.length >= LONG_CHARACTERS;
    const atLeast = Math.max(before.length, SHORTEST_CUT_CHARACTERS);
    const at = isLong
      ? segmentEnd(stable, { minCharacters: atLeast, maxCharacters: Math.max(atLeast, LONGEST_CHARACTERS) })
      : undefined;
    if (at === undefined) return false;
    const cutMs = Math.round(line.start + ((end - line.start) * at) / (stable.length + tentative.length));
    this.#close(line, { stable: stable.slice(0, at) }, cutMs);
    segment.cut.text += stable.slice(0, at);
    segment.cut.utterances.push(line.id);
    segment.utterance = this.#newUtterance(cutMs, cutMs);
    segment.utterance.sourceUtterance = line.sourceUtterance;
    this.#show(segment, segment.utterance, { stable: stable.slice(at).trimStart(), tentative }, end);
    return true;
  }

  #finish(line: CaptionUtterance, text: string, end: number, outcome: { contentFiltered?: true } = {}): void {
    const final = line.stabilizer.finish(text);
    const nothing = final.stable === '' && final.corrected === undefined && !wasShown(line);
    // Nothing was heard and nothing shown: there is nothing to end.
    if (nothing && !outcome.contentFiltered) line.finished = true;
    else this.#close(line, { ...final, ...outcome }, end);
  }

  #close(line: CaptionUtterance, final: FinalText & { contentFiltered?: true }, end: number): void {
    line.finished = true;
    line.words = wordsOf(final.corrected ?? final.stable);
    this.#finished = [...this.#finished, line].sort((a, b) => a.place - b.place);
    if (this.#finished.length > REMEMBERED) this.#finished.shift();
    this.#emit(line, { ...final, final: true, end });
  }

  #emit(
    line: CaptionUtterance,
    text: Pick<OutgoingCaption, 'stable' | 'tentative' | 'final' | 'end' | 'corrected' | 'contentFiltered'>,
  ): void {
    const { kind, speaker, onCaption: say } = this.#options;
    const { id: utterance, start, sourceUtterance } = line;
    say({
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
    const oldest = segments.find(([, { utterance: line }]) => line?.finished !== false) ?? segments[0];
    if (!oldest) return;
    const [name, { utterance: line, covered }] = oldest;
    this.#coveredBefore += covered;
    if (line && !line.finished) this.#finish(line, '', Math.max(now, line.start));
    this.#segments.delete(name);
  }
}

/** The text without its beginning that has had its final. */
function removeCut(cut: string, text: SegmentText): SegmentText {
  const whole = text.stable + text.tentative;
  if (cut === '') return text;
  const at = whole.startsWith(cut) ? cut.length : whole.length - removeOverlap(wordsOf(cut), whole).rest.length;
  const [stable, tentative] = [text.stable.slice(at), text.tentative.slice(Math.max(0, at - text.stable.length))];
  return stable === ''
    ? { ...text, stable, tentative: tentative.trimStart() }
    : { ...text, stable: stable.trimStart(), tentative };
}

const wasShown = ({ text }: CaptionUtterance): boolean => text.stable + text.tentative !== '';
