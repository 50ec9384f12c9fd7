/**
 * Decides which captions a small screen shows at a moment. A new line appears below and the oldest scrolls off for good. Each current
 * speaker has a row of their own. A finished utterance stays for as long as it takes to read. Holds what `CaptionModel` holds. No timers:
 * the time and a text's width are passed in.
 */
import type { CaptionMessage, ReadLanguages, SpeakerView } from '@mediasoup-booth/protocol';
import { CaptionBlockProgress, type DisplayLine, type FitsLine } from './caption-block.ts';
import { type CaptionLine, CaptionModel, type CaptionRow, type VisibleRow, visibleRows } from './caption-model.ts';

/** How long a finished utterance stays: this, plus reading time per line, up to a maximum. */
const REST_MS = 3_000;
const LINE_MS = 3_000;
const MOST_REST_MS = 9_000;
/** An utterance without news for this long counts as finished, because its interpreter was lost. */
const SILENT_MS = 20_000;
/** The number of utterances that the history shows. */
const HISTORY_ROWS = 60;

export interface ScreenOptions {
  reads: ReadLanguages;
  /** The number of lines on the screen; beyond that they scroll off. */
  lines: number;
  /** Whether tentative words are shown. */
  tentative: boolean;
  /** Whether the history is shown. */
  history: boolean;
  fits: FitsLine;
}

/** One language of an utterance: a block of lines. */
export interface CaptionBlock extends Pick<CaptionLine, 'language' | 'kind' | 'correction' | 'contentFiltered'> {
  /** True for an original beside its translation. */
  small: boolean;
  lines: readonly DisplayLine[];
}

export interface DisplayedUtterance {
  id: CaptionRow['id'];
  speaker: SpeakerView;
  /** Whether the speaker differs from the row above. */
  first: boolean;
  /** Its time on the screen is over; it is shown as history. */
  past: boolean;
  blocks: readonly CaptionBlock[];
}

interface ScreenView {
  utterances: readonly DisplayedUtterance[];
  /** When the view changes by itself; undefined: not before the next caption. */
  nextMs: number | undefined;
}

/** An utterance with all its lines, before lines are allocated. */
interface RowDraft {
  row: VisibleRow;
  blocks: readonly { block: CaptionBlock; progress: CaptionBlockProgress | undefined }[];
  lines: number;
  live: boolean;
  past: boolean;
}

export class CaptionScreen {
  readonly #model = new CaptionModel();
  readonly #progress = new Map<CaptionRow['id'], Map<string, CaptionBlockProgress>>();
  /** When an utterance last changed, for utterances whose time is not over. */
  readonly #lastSaidMs = new Map<CaptionRow['id'], number>();

  /**
   * @param past it was said before the viewer subscribed
   * @returns whether anything changed
   */
  add(caption: CaptionMessage, nowMs: number, past = false): boolean {
    const id = this.#model.idOf(caption);
    if (!this.#model.add(caption)) return false;
    const row = this.#model.row(id);
    const line = caption.kind === 'original' ? row?.original : row?.translations.get(caption.language);
    if (!line) return false;
    const blocks = this.#progress.get(id) ?? new Map<string, CaptionBlockProgress>();
    const progress = blocks.get(keyOf(line)) ?? new CaptionBlockProgress();
    progress.add(line, nowMs, past);
    this.#progress.set(id, blocks.set(keyOf(line), progress));
    this.#lastSaidMs.set(id, nowMs);
    this.#prune();
    return true;
  }

  show(nowMs: number, options: ScreenOptions): ScreenView {
    const rows = visibleRows(this.#model.rows, options.reads);
    const moments: number[] = [];
    const drafts = (options.history ? rows.slice(-HISTORY_ROWS) : rows.filter(({ id }) => this.#lastSaidMs.has(id)))
      .map((row) => this.#draft(row, nowMs, options, moments))
      .filter(({ lines, past }) => lines > 0 && (options.history || !past));
    const given = options.history ? [] : allocateLines(drafts, options.lines);
    // An utterance that has scrolled off is over, even if those below it end first.
    for (const [index, { row, live }] of drafts.entries())
      if (given[index] === 0 && !live) this.#lastSaidMs.delete(row.id);
    const visible = drafts.filter((_, index) => given[index] !== 0);
    const counts = given.filter((count) => count > 0);
    const utterances = visible.map(({ row: { id, speaker }, blocks, past }, index) => ({
      id,
      speaker,
      past,
      first: visible[index - 1]?.row.speaker.id !== speaker.id,
      blocks: blocks.map(({ block, progress }) => withVisibleLines(block, progress, counts[index])),
    }));
    return { utterances, nextMs: moments.length > 0 ? Math.min(...moments) : undefined };
  }

  #draft(row: VisibleRow, nowMs: number, options: ScreenOptions, moments: number[]): RowDraft {
    const known = this.#progress.get(row.id);
    const { original, translations, awaits } = row;
    const translated =
      original !== undefined && options.reads.some((to) => to !== 'original' && to !== original.language);
    const blocks: { block: CaptionBlock; progress: CaptionBlockProgress | undefined }[] = [];
    const wholes: (number | undefined)[] = [];
    for (const line of [...(original ? [original] : []), ...translations]) {
      const progress = known?.get(keyOf(line));
      if (!progress) continue;
      const small = line === original && translated;
      const now = progress.at(nowMs, options.tentative, small, options.fits);
      wholes.push(now.wholeMs);
      if (now.nextMs !== undefined) moments.push(now.nextMs);
      blocks.push({ block: { ...line, small, lines: now.lines }, progress });
    }
    if (awaits && original && this.#isTranslated(row.speaker))
      blocks.push({ block: emptyTranslation(original, options.reads), progress: undefined });
    const lines = Math.max(
      0,
      ...blocks.map(({ block }) => Math.max(block.lines.length, block.contentFiltered ? 1 : 0)),
    );
    const wholeMs = Math.max(...wholes.map((ms) => ms ?? Number.POSITIVE_INFINITY));
    const past = this.#isPast(row.id, wholeMs, lines, nowMs, moments);
    return { row, blocks: blocks, lines, live: !past && wholeMs > nowMs, past };
  }

  /** Whether an utterance's time is over; if not, adds the moment when it will be to `moments`. */
  #isPast(id: CaptionRow['id'], wholeMs: number, lines: number, nowMs: number, moments: number[]): boolean {
    const touchedMs = this.#lastSaidMs.get(id);
    if (touchedMs === undefined) return true;
    const restMs = Math.min(REST_MS + lines * LINE_MS, MOST_REST_MS);
    const endMs = wholeMs === Number.POSITIVE_INFINITY ? touchedMs + SILENT_MS : wholeMs + restMs;
    if (endMs > nowMs) moments.push(endMs);
    else this.#lastSaidMs.delete(id);
    return endMs <= nowMs;
  }

  #isTranslated({ id }: SpeakerView): boolean {
    return [...this.#model.rows].some(({ speaker, translations }) => speaker.id === id && translations.size > 0);
  }

  #prune(): void {
    for (const id of this.#progress.keys()) {
      if (this.#model.row(id)) continue;
      this.#progress.delete(id);
      this.#lastSaidMs.delete(id);
    }
  }
}

const keyOf = ({ kind, language }: Pick<CaptionLine, 'kind' | 'language'>) => `${kind} ${language}`;

/** An empty line that keeps the translation's place, so that nothing moves when it arrives. */
function emptyTranslation(original: CaptionLine, reads: ReadLanguages): CaptionBlock {
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

/** The last lines of a block; all of them where `count` is undefined. */
function withVisibleLines(
  block: CaptionBlock,
  progress: CaptionBlockProgress | undefined,
  count: number | undefined,
): CaptionBlock {
  if (count === undefined || !progress) return block;
  return { ...block, lines: progress.visible(block.lines, count) };
}

export interface LineClaim {
  /** Still spoken; a finished utterance gets only lines that no current speaker needs. */
  live: boolean;
  lines: number;
}

/**
 * Allocates the lines of the screen: everybody who speaks gets one, the newest first; the rest goes to the newest utterances.
 * @param claims oldest first
 */
export function allocateLines(claims: readonly LineClaim[], lines: number): number[] {
  const given = claims.map(() => 0);
  let left = lines;
  const give = (index: number, wanted: number) => {
    const more = Math.max(0, Math.min(left, wanted - (given[index] ?? 0)));
    given[index] = (given[index] ?? 0) + more;
    left -= more;
  };
  for (let index = claims.length - 1; index >= 0; index--) if (claims[index]?.live) give(index, 1);
  for (let index = claims.length - 1; index >= 0; index--) give(index, claims[index]?.lines ?? 0);
  return given;
}
