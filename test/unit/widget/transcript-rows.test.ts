import type { CaptionMessage, TranscriptEntry } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { searchRows, TranscriptRows } from '../../../client-widget/meeting/transcript-rows.ts';

const jane = { id: 'jane', name: 'Jane' };
const original: CaptionMessage = {
  v: 1,
  type: 'caption',
  seq: 1,
  language: 'en',
  speaker: jane,
  utterance: 'a',
  kind: 'original',
  stable: 'Good morning.',
  final: true,
  start: 1000,
};
const translation: CaptionMessage = {
  ...original,
  utterance: 'b',
  sourceUtterance: 'a',
  language: 'es',
  kind: 'translation',
  stable: 'Buenos días.',
};
const entry: TranscriptEntry = {
  utterance: 'b',
  speaker: jane,
  language: 'es',
  kind: 'translation',
  text: 'Buenos días.',
  start: 4000,
  end: 5000,
  said: { start: 1000, end: 2000 },
  original: { utterance: 'a', language: 'en', text: 'Good morning.' },
};
const row = {
  id: 'a',
  speaker: jane,
  start: 1000,
  original: { language: 'en', text: 'Good morning.', contentFiltered: false },
  translation: { language: 'es', text: 'Buenos días.', contentFiltered: false },
};

function rowsOf(...captions: CaptionMessage[]): TranscriptRows {
  const transcript = new TranscriptRows();
  for (const caption of captions) transcript.push(caption, 'es');
  return transcript;
}

describe('TranscriptRows', () => {
  it.each([
    ['first', [original, translation]],
    ['last', [translation, original]],
  ])('have an original beside its translation, also where it comes %s', (_when, captions) => {
    expect(rowsOf(...captions).rows).toEqual([row]);
  });

  it('hold an utterance once that was received here and recorded by the server', () => {
    const transcript = rowsOf(translation);
    transcript.load([entry]);
    expect(transcript.rows).toEqual([row]);
  });

  it('are in the order of speech', () => {
    const earlier = { ...original, utterance: 'before', start: 10 };
    expect(rowsOf(original, earlier).rows.map(({ id }) => id)).toEqual(['before', 'a']);
  });

  it('leave out what is not final, and translations into other languages', () => {
    const french = { ...translation, language: 'fr' };
    expect(rowsOf({ ...original, final: false }, french).rows).toEqual([]);
  });

  it('hold the corrected text, and mark what the content filter refused', () => {
    const [corrected] = rowsOf({ ...original, corrected: 'Good mourning.' }).rows;
    expect(corrected?.original?.text).toBe('Good mourning.');
    const [refused] = rowsOf({ ...translation, contentFiltered: true }).rows;
    expect(refused?.translation?.contentFiltered).toBe(true);
  });

  it('keep the last 5000', () => {
    const many = Array.from({ length: 5_001 }, (_, i) => ({ ...original, utterance: `u${i}`, start: i }));
    const { rows } = rowsOf(...many);
    expect(rows).toHaveLength(5_000);
    expect(rows[0]?.id).toBe('u1');
  });
});

describe('a search in the transcript', () => {
  const { rows } = rowsOf(original, translation);
  it.each([
    ['the original', 'MORNING'],
    ['the translation, without its accents', 'dias'],
    ['who said it', 'jane'],
    ['nothing at all', '  '],
  ])('finds %s', (_what, wanted) => {
    expect(searchRows(rows, wanted)).toHaveLength(1);
  });
  it('finds only rows that contain the text', () => {
    expect(searchRows(rows, 'evening')).toEqual([]);
  });
});
