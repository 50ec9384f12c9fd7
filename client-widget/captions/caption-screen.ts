/**
 * What of a meeting's captions stands on a small screen at a moment. Lines roll: a new one comes below, the oldest leaves above
 * and never comes back. Who speak at once have rows of their own. What has ended stays as long as it takes to read. Pure:
 * time and the width of a text are passed in. Holds what `CaptionModel` holds.
 */
import type { ReadLanguages } from '../../protocol/languages.ts';
import type { CaptionMessage, SpeakerView } from '../../protocol/room-messages.ts';
import { allotted } from './allotment.ts';
import { type Fits, type ShownLine, StrandProgress } from './caption-block.ts';
import { CaptionModel, type Line, type Row, type ShownRow, shown } from './caption-model.ts';

/** How long what has ended stays: this, and the time to read it. */
const REST_MS = 3_000;
const LINE_MS = 3_000;
const MOST_REST_MS = 9_000;
/** An utterance that says nothing for so long has lost its interpreter, and its end will not come. */
const SILENT_MS = 20_000;
/** Of what was said before, as many utterances are shown. */
const HISTORY_ROWS = 60;

export interface ScreenOptions {
  reads: ReadLanguages;
  /** As many lines there are; beyond that they roll. */
  lines: number;
  /** Whether words that may still change are shown. */
  tentative: boolean;
  /** Whether what was said before stands above. */
  history: boolean;
  fits: Fits;
}

/** One language of an utterance. */
export interface Strand extends Pick<Line, 'language' | 'kind' | 'correction' | 'contentFiltered'> {
  /** An original beside its translation. */
  small: boolean;
  lines: readonly ShownLine[];
}

export interface Utterance {
  id: Row['id'];
  speaker: SpeakerView;
  /** Another one speaks than in the row above. */
  first: boolean;
  /** It has been read, and stands as history. */
  past: boolean;
  strands: readonly Strand[];
}

export interface View {
  utterances: readonly Utterance[];
  /** When it changes by itself; undefined: not before the next caption. */
  nextMs: number | undefined;
}

/** An utterance with all its lines, before it is known how many there is room for. */
interface Draft {
  row: ShownRow;
  strands: readonly { strand: Strand; progress: StrandProgress | undefined }[];
  lines: number;
  live: boolean;
  past: boolean;
}

export class Screen {
  readonly #model = new CaptionModel();
  readonly #progress = new Map<Row['id'], Map<string, StrandProgress>>();
  /** When something was last said in what has not had its time. */
  readonly #standing = new Map<Row['id'], number>();

  /**
   * @param past it was said before anyone looked
   * @returns whether anything changed
   */
  add(caption: CaptionMessage, nowMs: number, past = false): boolean {
    const id = this.#model.idOf(caption);
    if (!this.#model.add(caption)) return false;
    const row = this.#model.row(id);
    const line = caption.kind === 'original' ? row?.original : row?.translations.get(caption.language);
    if (!line) return false;
    const strands = this.#progress.get(id) ?? new Map<string, StrandProgress>();
    const progress = strands.get(keyOf(line)) ?? new StrandProgress();
    progress.add(line, nowMs, past);
    this.#progress.set(id, strands.set(keyOf(line), progress));
    this.#standing.set(id, nowMs);
    this.#forget();
    return true;
  }

  show(nowMs: number, options: ScreenOptions): View {
    const rows = shown(this.#model.rows, options.reads);
    const moments: number[] = [];
    const drafts = (options.history ? rows.slice(-HISTORY_ROWS) : rows.filter(({ id }) => this.#standing.has(id)))
      .map((row) => this.#draft(row, nowMs, options, moments))
      .filter(({ lines, past }) => lines > 0 && (options.history || !past));
    const given = options.history ? [] : allotted(drafts, options.lines);
    // What has left above has had its time, even when those that pushed it out go first.
    for (const [index, { row, live }] of drafts.entries())
      if (given[index] === 0 && !live) this.#standing.delete(row.id);
    const visible = drafts.filter((_, index) => given[index] !== 0);
    const counts = given.filter((count) => count > 0);
    const utterances = visible.map(({ row: { id, speaker }, strands, past }, index) => ({
      id,
      speaker,
      past,
      first: visible[index - 1]?.row.speaker.id !== speaker.id,
      strands: strands.map(({ strand, progress }) => rolled(strand, progress, counts[index])),
    }));
    return { utterances, nextMs: moments.length > 0 ? Math.min(...moments) : undefined };
  }

  #draft(row: ShownRow, nowMs: number, options: ScreenOptions, moments: number[]): Draft {
    const known = this.#progress.get(row.id);
    const { original, translations, awaits } = row;
    const translated =
      original !== undefined && options.reads.some((to) => to !== 'original' && to !== original.language);
    const strands: { strand: Strand; progress: StrandProgress | undefined }[] = [];
    const wholes: (number | undefined)[] = [];
    for (const line of [...(original ? [original] : []), ...translations]) {
      const progress = known?.get(keyOf(line));
      if (!progress) continue;
      const small = line === original && translated;
      const now = progress.at(nowMs, options.tentative, small, options.fits);
      wholes.push(now.wholeMs);
      if (now.nextMs !== undefined) moments.push(now.nextMs);
      strands.push({ strand: { ...line, small, lines: now.lines }, progress });
    }
    if (awaits && original && this.#isTranslated(row.speaker))
      strands.push({ strand: placeFor(original, options.reads), progress: undefined });
    const lines = Math.max(
      0,
      ...strands.map(({ strand }) => Math.max(strand.lines.length, strand.contentFiltered ? 1 : 0)),
    );
    const wholeMs = Math.max(...wholes.map((ms) => ms ?? Number.POSITIVE_INFINITY));
    const past = this.#isPast(row.id, wholeMs, lines, nowMs, moments);
    return { row, strands, lines, live: !past && wholeMs > nowMs, past };
  }

  /** Whether it has had its time; if not, when that will be. */
  #isPast(id: Row['id'], wholeMs: number, lines: number, nowMs: number, moments: number[]): boolean {
    const touchedMs = this.#standing.get(id);
    if (touchedMs === undefined) return true;
    const restMs = Math.min(REST_MS + lines * LINE_MS, MOST_REST_MS);
    const endMs = wholeMs === Number.POSITIVE_INFINITY ? touchedMs + SILENT_MS : wholeMs + restMs;
    if (endMs > nowMs) moments.push(endMs);
    else this.#standing.delete(id);
    return endMs <= nowMs;
  }

  #isTranslated({ id }: SpeakerView): boolean {
    return [...this.#model.rows].some(({ speaker, translations }) => speaker.id === id && translations.size > 0);
  }

  #forget(): void {
    for (const id of this.#progress.keys()) {
      if (this.#model.row(id)) continue;
      this.#progress.delete(id);
      this.#standing.delete(id);
    }
  }
}

const keyOf = ({ kind, language }: Pick<Line, 'kind' | 'language'>) => `${kind} ${language}`;

/** An empty line where the translation will come, so that nothing moves then. */
function placeFor(original: Line, reads: ReadLanguages): Strand {
  const language = reads.find((to) => to !== 'original' && to !== original.language) ?? original.language;
  return {
    kind: 'translation',
    language,
    correction: '',
    contentFiltered: false,
    small: false,
    lines: [{ certain: '', tentative: '' }],
  };
}

/** The last lines of a strand; undefined: all. */
function rolled(strand: Strand, progress: StrandProgress | undefined, count: number | undefined): Strand {
  if (count === undefined || !progress) return strand;
  return { ...strand, lines: progress.rolled(strand.lines, count) };
}
