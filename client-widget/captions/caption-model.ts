/**
 * Captions as they stand on a screen. What was shown as stable is never taken back, whatever arrives later or twice: a
 * message can add to a line, not shorten it, and nothing changes a final one. Keeps the last 200 utterances. Pure.
 */
import type { LanguageCode, ReadLanguages } from '../../protocol/languages.ts';
import type { CaptionMessage, SpeakerView } from '../../protocol/room-messages.ts';

const MOST_ROWS = 200;

export interface CaptionLine {
  language: LanguageCode;
  kind: CaptionMessage['kind'];
  stable: string;
  tentative: string;
  final: boolean;
  /** The words that should have stood there, where the engine's last word contradicts what was shown. */
  correction: string;
  /** The service would not translate what was said. */
  contentFiltered: boolean;
}

/** What was said in one go, and its translations. */
export interface CaptionRow {
  /** The original's utterance. */
  id: string;
  speaker: SpeakerView;
  original: CaptionLine | undefined;
  translations: ReadonlyMap<LanguageCode, CaptionLine>;
}

export class CaptionModel {
  /** In the order in which they were first heard of. */
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

  /** The row of a caption. A translation stays where it stood before it was known what it translates. */
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

/** A line after a message about it; the same line where the message is old, or contradicts what was shown. */
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

/** What of a row is shown to someone, in the order in which it is read. */
export interface VisibleRow {
  id: string;
  speaker: SpeakerView;
  /** Of who speaks: the name stands above only when the speaker changes. */
  first: boolean;
  original: CaptionLine | undefined;
  translations: CaptionLine[];
  /** A translation is on its way: its place is kept, so that nothing moves when it comes. One that was overtaken never comes. */
  awaits: boolean;
}

/**
 * The rows that someone reads: originals where they read the original or the language it is in, translations into the
 * languages they read.
 * @param translates whether a translation between two languages can come
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
