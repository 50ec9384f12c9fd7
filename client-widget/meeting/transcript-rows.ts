/**
 * The rows of a transcript: one per utterance, with its original and its translation, in the order in which they were said. Holds at most
 * 5000 rows; the oldest go first. No timers, no sockets.
 */
import type { CaptionMessage, LanguageCode, SpeakerView, TranscriptEntry } from '@mediasoup-booth/protocol';

const MOST_ROWS = 5_000;

export interface TranscriptText {
  language: LanguageCode;
  text: string;
  /** The service's content filter refused to translate it. */
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

  /** Sorted by the start of the utterance. */
  get rows(): TranscriptRow[] {
    return [...this.#rows.values()].sort((a, b) => a.start - b.start);
  }

  /** @param language the language of the translations to keep; captions that are not final are ignored */
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
    if (said.text.trim() === '' && !contentFiltered) return;
    this.#put({ id: sourceUtterance ?? utterance, speaker, start, [kind]: said });
  }

  /** Adds what the server recorded before this person opened the transcript. */
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

/** The rows whose original, translation or speaker's name contains the text. */
export function searchRows(rows: readonly TranscriptRow[], wanted: string): TranscriptRow[] {
  const needle = folded(wanted.trim());
  if (needle === '') return [...rows];
  return rows.filter(({ speaker, original, translation }) =>
    [speaker.name, original?.text, translation?.text].some((text) => text && folded(text).includes(needle)),
  );
}

/** Removes case and accents, so that `informacion` finds `información`. */
const folded = (text: string) =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLocaleLowerCase();
