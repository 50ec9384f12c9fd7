/**
 * The captions of a meeting by utterance. Stable text is never taken back, whatever arrives late or twice: a message can extend a line but
 * not shorten it, and a final line does not change. Holds the last 200 utterances. No timers, no sockets.
 */
import type { CaptionMessage, LanguageCode, ReadLanguages, SpeakerView } from '@mediasoup-booth/protocol';

const MOST_ROWS = 200;

export interface CaptionLine {
  language: LanguageCode;
  kind: CaptionMessage['kind'];
  stable: string;
  tentative: string;
  final: boolean;
  /** The corrected words, where the engine's final text contradicts what was shown. */
  correction: string;
  /** The service's content filter refused to translate it. */
  contentFiltered: boolean;
}

/** One utterance and its translations. */
export interface CaptionRow {
  /** The id of the original utterance. */
  id: string;
  speaker: SpeakerView;
  original: CaptionLine | undefined;
  translations: ReadonlyMap<LanguageCode, CaptionLine>;
}

export class CaptionModel {
  /** Rows in the order in which they were first received. */
  #rows = new Map<string, CaptionRow>();

  get rows(): Iterable<CaptionRow> {
    return this.#rows.values();
  }

  row(id: CaptionRow['id']): CaptionRow | undefined {
    return this.#rows.get(id);
  }

  /** @returns whether anything changed */
  add(caption: CaptionMessage): boolean {
    const id = this.idOf(caption);
    const row = this.#rows.get(id) ?? { id, speaker: caption.speaker, original: undefined, translations: new Map() };
    const before = caption.kind === 'original' ? row.original : row.translations.get(caption.language);
    const after = grown(before, caption);
    if (after === before) return false;
    this.#rows.set(
      id,
      caption.kind === 'original'
        ? { ...row, original: after }
        : { ...row, translations: new Map(row.translations).set(caption.language, after) },
    );
    this.#trim();
    return true;
  }

  /** The id of the row that a caption belongs to. A translation that arrived before its source was known keeps its row. */
  idOf({ kind, utterance, sourceUtterance }: CaptionMessage): CaptionRow['id'] {
    return kind === 'original' || this.#rows.has(utterance) ? utterance : (sourceUtterance ?? utterance);
  }

  #trim(): void {
    for (const id of this.#rows.keys()) {
      if (this.#rows.size <= MOST_ROWS) return;
      this.#rows.delete(id);
    }
  }
}

/** A line after a message about it; unchanged where the message is old or contradicts stable text. */
function grown(before: CaptionLine | undefined, caption: CaptionMessage): CaptionLine {
  const { language, kind, stable, tentative = '', final, corrected, contentFiltered = false } = caption;
  if (!before || (!before.final && stable.startsWith(before.stable))) {
    const correction = corrected === undefined ? '' : correctedWords(stable, corrected);
    return { language, kind, stable, tentative: final ? '' : tentative, final, correction, contentFiltered };
  }
  return before;
}

/** The words of `corrected` that differ from what was shown: `I sea it` and `I see it` → `see`. */
export function correctedWords(shown: string, corrected: string): string {
  const was = shown.trim().split(/\s+/);
  const is = corrected.trim().split(/\s+/);
  let start = 0;
  while (start < is.length && start < was.length && is[start] === was[start]) start++;
  let end = 0;
  while (end < is.length - start && end < was.length - start && is.at(-1 - end) === was.at(-1 - end)) end++;
  return is.slice(start, is.length - end).join(' ');
}

/** Whether a line has ended without a word: it was taken back, and nothing stands in its place. */
const isBlank = ({ final, stable, correction, contentFiltered }: CaptionLine): boolean =>
  final && !contentFiltered && correction === '' && stable.trim() === '';

/** The visible parts of a row, in reading order. */
export interface VisibleRow {
  id: string;
  speaker: SpeakerView;
  /** Whether the speaker differs from the row above; only then the name is shown. */
  first: boolean;
  original: CaptionLine | undefined;
  translations: CaptionLine[];
  /**
   * A translation is expected, and an empty line keeps its place so that nothing moves when it arrives. False for a row that a later
   * translation has overtaken.
   */
  awaits: boolean;
}

/**
 * The rows that a reader sees: originals where they read the original or its language, translations into the languages they read.
 * @param translates whether the engine translates between two languages; default: always
 */
export function visibleRows(
  rows: Iterable<CaptionRow>,
  reads: ReadLanguages,
  translates: (from: LanguageCode, to: LanguageCode) => boolean = () => true,
): VisibleRow[] {
  const result: VisibleRow[] = [];
  for (const { id, speaker, original, translations } of rows) {
    const readsOriginal = original && (reads.includes('original') || reads.includes(original.language));
    const lines = reads.flatMap((language) => translations.get(language) ?? []);
    if (!readsOriginal && lines.length === 0) continue;
    if ((!readsOriginal || isBlank(original)) && lines.every(isBlank)) continue;
    const speaks = (row: VisibleRow) => row.speaker.id === speaker.id;
    if (lines.length > 0) for (const row of result.filter(speaks)) row.awaits = false;
    const awaits =
      lines.length === 0 &&
      original !== undefined &&
      reads.some((to) => to !== 'original' && to !== original.language && translates(original.language, to));
    result.push({
      id,
      speaker,
      first: result.at(-1)?.speaker.id !== speaker.id,
      original: readsOriginal ? original : undefined,
      translations: lines,
      awaits,
    });
  }
  return result;
}
