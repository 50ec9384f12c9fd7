/**
 * What was said in a meeting, one row an utterance with its original and its translation side by side, in the order in
 * which it was said. Keeps the last 5000 rows. Pure.
 */
import type { LanguageCode } from '../../protocol/languages.ts';
import type { TranscriptEntry } from '../../protocol/rest.ts';
import type { CaptionMessage, SpeakerView } from '../../protocol/room-messages.ts';

const MOST_ROWS = 5_000;

export interface TranscriptText {
  language: LanguageCode;
  text: string;
  /** The service would not translate it. */
  contentFiltered: boolean;
}

export interface TranscriptRow {
  id: string;
  speaker: SpeakerView;
  /** Milliseconds since the meeting began. */
  start: number;
  original?: TranscriptText;
  translation?: TranscriptText;
}

export class TranscriptRows {
  readonly #rows = new Map<string, TranscriptRow>();

  /** In the order in which they began. */
  get rows(): TranscriptRow[] {
    return [...this.#rows.values()].sort((a, b) => a.start - b.start);
  }

  /** @param language into which translations are wanted; what is not final yet is left for later */
  push(caption: CaptionMessage, language: LanguageCode | undefined): void {
    const {
      kind,
      final,
      utterance,
      sourceUtterance,
      speaker,
      start,
      stable,
      corrected,
      contentFiltered = false,
    } = caption;
    if (!final || (kind === 'translation' && caption.language !== language)) return;
    const said = { language: caption.language, text: corrected ?? stable, contentFiltered };
    this.#put({ id: sourceUtterance ?? utterance, speaker, start, [kind]: said });
  }

  /** What the server wrote down before anyone looked here. */
  load(entries: readonly TranscriptEntry[]): void {
    for (const {
      utterance,
      speaker,
      language,
      kind,
      text,
      start,
      said,
      original,
      contentFiltered = false,
    } of entries) {
      const row = { id: original?.utterance ?? utterance, speaker, start: said?.start ?? start };
      this.#put({
        ...row,
        ...(original && { original: { language: original.language, text: original.text, contentFiltered: false } }),
        [kind]: { language, text, contentFiltered },
      });
    }
  }

  #put(row: TranscriptRow): void {
    this.#rows.set(row.id, { ...this.#rows.get(row.id), ...row });
    for (const id of this.#rows.keys()) {
      if (this.#rows.size <= MOST_ROWS) return;
      this.#rows.delete(id);
    }
  }
}

/** Those in which it was said, translated, or by whom. */
export function searchRows(rows: readonly TranscriptRow[], wanted: string): TranscriptRow[] {
  const needle = folded(wanted.trim());
  if (needle === '') return [...rows];
  return rows.filter(({ speaker, original, translation }) =>
    [speaker.name, original?.text, translation?.text].some((text) => text && folded(text).includes(needle)),
  );
}

/** Letters without case and accents: who types `informacion` means `información`. */
const folded = (text: string) =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLocaleLowerCase();
