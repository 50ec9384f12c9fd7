/**
 * The segments that a service speaks of → captions of one kind, each segment an utterance of ours with exactly one final.
 *
 * Hard requirement: what was shown stays shown, and is shown once. When the same speech is said again to another session
 * (`restart`), its words continue the utterances that are open; words that have had their final are passed over.
 *
 * The last 64 utterances are remembered, so that sound which comes after a final finds its utterance; should more than 64 be
 * open, the oldest is ended.
 */
import type { SpeakerView } from '../protocol/room-messages.ts';
import type { CaptionMessage } from './captions.ts';
import { uncovered, wordsOf } from './covered-text.ts';
import { Stabilizer } from './stabilizer.ts';
import type { SegmentText } from './translation/session.ts';

const REMEMBERED = 64;

/** One utterance of ours. */
interface Line {
  utterance: string;
  /** Its place among all lines, in the order in which they were said: a later one may have its final before. */
  place: number;
  start: number;
  of: string | undefined;
  stabilizer: Stabilizer;
  shown: string;
  finished: boolean;
  /** Once it is finished. */
  words: readonly string[];
}

/** One segment of the service's. */
interface Segment {
  /** Undefined: it has said nothing yet that was not shown before. */
  line: Line | undefined;
  /** Where in what is known its text begins; undefined: it says nothing known. */
  knownFrom: number | undefined;
  covered: number;
  finished: boolean;
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
  say: (caption: CaptionMessage) => void;
}

export class CaptionStream {
  readonly #options: CaptionStreamOptions;
  readonly #segments = new Map<string, Segment>();
  /** Finished, of speech that may have to be said again, in the order in which it was said. */
  #finished: Line[] = [];
  #begun = 0;
  /** What had its final before the session that speaks now, word by word. */
  #known: { word: string; line: Line }[] = [];
  /** How many of them were said again by segments that are forgotten. */
  #coveredBefore = 0;
  /** Begun in a session that is gone. */
  #orphans: Line[] = [];

  constructor(options: CaptionStreamOptions) {
    this.#options = options;
  }

  /** The utterance that a segment is, known from its first mention on. */
  utteranceOf(segment: string): string {
    const { line, knownFrom, covered } = this.#segment(segment, 0);
    if (line) return line.utterance;
    const known = knownFrom === undefined ? undefined : this.#known[knownFrom + Math.max(0, covered - 1)];
    return known?.line.utterance ?? this.#lineOf(segment, 0, undefined).utterance;
  }

  /** The utterances that a segment says again, as far as it has come: at least the one that is due where it begins. */
  repeated(segment: string): string[] {
    const { knownFrom, covered } = this.#segment(segment, 0);
    if (knownFrom === undefined) return [];
    const known = this.#known.slice(knownFrom, knownFrom + Math.max(1, covered));
    return [...new Set(known.map(({ line }) => line.utterance))];
  }

  update(text: SegmentText, { start, end }: Timing, of?: string): void {
    const segment = this.#segment(text.segment, start);
    if (segment.finished) return;
    segment.finished = text.final;
    const fresh = segment.knownFrom === undefined ? text : this.#beyondKnown(segment, segment.knownFrom, text);
    if (fresh.stable + fresh.tentative === '' && (!segment.line || this.#leavesOpen(segment))) return;
    const line = this.#lineOf(text.segment, start, of);
    const saysNothing = fresh.stable + fresh.tentative === '' && text.stable + text.tentative !== '';
    if (text.final && saysNothing) line.stabilizer.retract();
    if (text.final) this.#finish(line, fresh.stable + fresh.tentative, end);
    else this.#show(line, fresh);
  }

  /** The speech of a segment, and of all before it, will not be said again. */
  settle(segment: string): void {
    const { line, knownFrom = this.#known.length, covered } = this.#segment(segment, 0);
    const again = Map.groupBy(this.#known.slice(knownFrom + covered), (known) => known.line);
    for (const [each, words] of again) each.words = words.map(({ word }) => word);
    const last = line ? this.#finished.indexOf(line) : -1;
    this.#finished = this.#finished.filter(
      (each, i) => i > last && (again.has(each) || !this.#known.some((known) => known.line === each)),
    );
  }

  /** Another session hears what is not settled, from its beginning. */
  restart(): void {
    this.#orphans = this.#open.slice(0, REMEMBERED);
    this.#known = this.#finished.flatMap((line) => line.words.map((word) => ({ word, line })));
    this.#segments.clear();
    this.#coveredBefore = 0;
  }

  /** What was shown of an utterance that has had no final yet. */
  wordsShown(utterance: string): string[] {
    const line = this.#open.find((open) => open.utterance === utterance);
    return line ? wordsOf(line.stabilizer.shown) : [];
  }

  /** Nothing more comes: what is open ends with what was shown of it, and is not said again. */
  finishAll(end: number): void {
    for (const line of this.#open) this.#finish(line, '', end);
    const due = new Set(this.#known.slice(this.#coveredSoFar).map((known) => known.line));
    this.#finished = this.#finished.filter((line) => due.has(line));
    this.#orphans = [];
    for (const segment of this.#segments.values()) segment.finished = true;
  }

  /** The service would not say it: readers are told, though nothing was shown of it. */
  refuse(end: number): void {
    const open = this.#open;
    const lines = open.length > 0 ? open : [this.#newLine(end)];
    for (const line of lines) this.#finish(line, '', end, { refused: true });
    this.finishAll(end);
  }

  get #open(): Line[] {
    const lines = [...this.#orphans, ...[...this.#segments.values()].map(({ line }) => line)];
    return lines.filter((line) => line !== undefined).filter(({ finished }) => !finished);
  }

  get #coveredSoFar(): number {
    return [...this.#segments.values()].reduce((sum, { covered }) => sum + covered, this.#coveredBefore);
  }

  #segment(name: string, now: number): Segment {
    const known = this.#segments.get(name);
    if (known) return known;
    const from = this.#coveredSoFar;
    const knownFrom = from < this.#known.length ? from : undefined;
    const segment = { line: undefined, knownFrom, covered: 0, finished: false };
    this.#segments.set(name, segment);
    if (this.#segments.size > REMEMBERED) this.#forgetOldest(now);
    return segment;
  }

  #lineOf(name: string, start: number, of: string | undefined): Line {
    const segment = this.#segment(name, start);
    const line = segment.line ?? this.#orphans.shift() ?? this.#newLine(start);
    segment.line = line;
    if (line.shown === '' && start > 0) line.start = start;
    line.of ??= of;
    return line;
  }

  #newLine(start: number): Line {
    const utterance = this.#options.nextUtterance();
    const place = this.#begun++;
    return {
      utterance,
      place,
      start,
      of: undefined,
      stabilizer: new Stabilizer(),
      shown: '',
      finished: false,
      words: [],
    };
  }

  /** What was shown of a segment that says nothing new in the end was a guess, which the next will make good. */
  #leavesOpen(segment: Segment): boolean {
    if (segment.knownFrom === undefined || !segment.finished) return false;
    if (segment.line) this.#orphans.unshift(segment.line);
    segment.line = undefined;
    return true;
  }

  /** While it grows, where the known ends is a guess: only the final word on it is not tentative. */
  #beyondKnown(segment: Segment, from: number, text: SegmentText): SegmentText {
    const known = this.#known.slice(from).map(({ word }) => word);
    const { rest, covered } = uncovered(known, text.stable + text.tentative);
    segment.covered = text.final && covered === 0 && rest !== '' ? this.#restOfLine(from) : covered;
    return text.final ? { ...text, stable: rest, tentative: '' } : { ...text, stable: '', tentative: rest };
  }

  /** What has nothing in common with an utterance that is due again has passed it over: else all that follows would count as known. */
  #restOfLine(from: number): number {
    const known = this.#known.slice(from);
    const next = known.findIndex(({ line }) => line !== known[0]?.line);
    return next < 0 ? known.length : next;
  }

  #show(line: Line, text: SegmentText): void {
    const { stable, tentative } = line.stabilizer.update(text.stable, text.tentative);
    const shown = JSON.stringify([stable, tentative]);
    if (stable + tentative === '' || shown === line.shown) return;
    line.shown = shown;
    this.#say(line, { stable, ...(tentative ? { tentative } : {}), final: false });
  }

  #finish(line: Line, text: string, end: number, outcome: { refused?: true } = {}): void {
    line.finished = true;
    const final = line.stabilizer.finish(text);
    // Nothing was heard and nothing shown: there is nothing to end.
    if (!outcome.refused && final.stable === '' && final.corrected === undefined && line.shown === '') return;
    line.words = wordsOf(final.corrected ?? final.stable);
    this.#finished = [...this.#finished, line].sort((a, b) => a.place - b.place);
    if (this.#finished.length > REMEMBERED) this.#finished.shift();
    this.#say(line, { ...final, ...outcome, final: true, end });
  }

  #say(
    line: Line,
    text: Pick<CaptionMessage, 'stable' | 'tentative' | 'final' | 'end' | 'corrected' | 'refused'>,
  ): void {
    const { kind, speaker, say } = this.#options;
    const { utterance, start, of } = line;
    say({ type: 'caption', utterance, speaker, kind, start, ...(of === undefined ? {} : { of }), ...text });
  }

  #forgetOldest(now: number): void {
    const segments = [...this.#segments].slice(0, -1);
    const oldest = segments.find(([, { line }]) => line?.finished !== false) ?? segments[0];
    if (!oldest) return;
    const [name, { line, covered }] = oldest;
    this.#coveredBefore += covered;
    if (line && !line.finished) this.#finish(line, '', Math.max(now, line.start));
    this.#segments.delete(name);
  }
}
