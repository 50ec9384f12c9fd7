import type { CaptionMessage } from '@mediasoup-booth/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CaptionLine,
  CaptionModel,
  correctedWords,
  visibleRows,
} from '../../../client-widget/captions/caption-model.ts';

const jane = { id: 'jane', name: 'Jane' };
const luis = { id: 'luis', name: 'Luis' };

const caption = (change: Partial<CaptionMessage>): CaptionMessage => ({
  v: 1,
  type: 'caption',
  seq: 1,
  language: 'en',
  speaker: jane,
  utterance: 'u1',
  kind: 'original',
  stable: '',
  final: false,
  start: 0,
  ...change,
});
const translation = ({ sourceUtterance: of = 'u1', ...change }: Partial<CaptionMessage>): CaptionMessage =>
  caption({ kind: 'translation', language: 'es', utterance: 't1', sourceUtterance: of, ...change });
const unrelated = (change: Partial<CaptionMessage>): CaptionMessage =>
  caption({ kind: 'translation', language: 'es', utterance: 't1', ...change });

function modelOf(...captions: CaptionMessage[]): CaptionModel {
  const model = new CaptionModel();
  for (const one of captions) model.add(one);
  return model;
}

/** What stands on the screen: one text a line. */
const text = ({ stable, tentative }: CaptionLine) => (tentative ? `${stable}(${tentative})` : stable);
const read = (model: CaptionModel, reads: string[]) =>
  visibleRows(model.rows, reads).map(({ original, translations }) =>
    [...(original ? [original] : []), ...translations].map(text),
  );

describe('CaptionModel', () => {
  it('shows words as they become stable', () => {
    const model = modelOf(caption({ stable: 'We need', tentative: ' to finnish' }));
    expect(read(model, ['original'])).toEqual([['We need( to finnish)']]);
    model.add(caption({ stable: 'We need to finish', tentative: ' the' }));
    expect(read(model, ['original'])).toEqual([['We need to finish( the)']]);
    model.add(caption({ stable: 'We need to finish the report.', tentative: ' left over', final: true }));
    expect(read(model, ['original'])).toEqual([['We need to finish the report.']]);
  });

  it('never takes back stable text, in whatever order messages arrive', () => {
    const anyCaption = fc.record({
      stable: fc.string({ maxLength: 4, unit: fc.constantFrom('a', 'b') }),
      final: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyCaption, { maxLength: 12 }), (changes) => {
        const model = new CaptionModel();
        let before = '';
        for (const change of changes) {
          model.add(caption(change));
          const stable = [...model.rows][0]?.original?.stable ?? '';
          expect(stable.startsWith(before)).toBe(true);
          before = stable;
        }
      }),
    );
  });

  it('changes nothing that is final when history arrives after newer messages', () => {
    const model = modelOf(caption({ stable: 'Done.', final: true }));
    expect(model.add(caption({ stable: 'Done. And more', tentative: ' still' }))).toBe(false);
    expect(read(model, ['original'])).toEqual([['Done.']]);
  });

  it('puts a translation under its original, whichever arrives first', () => {
    const original = caption({ stable: 'We need it.' });
    const translated = translation({ stable: 'Lo necesitamos.' });
    const expected = [['We need it.', 'Lo necesitamos.']];
    expect(read(modelOf(original, translated), ['original', 'es'])).toEqual(expected);
    expect(read(modelOf(translated, original), ['original', 'es'])).toEqual(expected);
  });

  it('leaves a translation in its row when its source becomes known later', () => {
    const model = modelOf(
      unrelated({ stable: 'Lo' }),
      caption({ stable: 'We need it.' }),
      translation({ stable: 'Lo necesitamos.', final: true }),
    );
    expect(read(model, ['original', 'es'])).toEqual([['Lo necesitamos.'], ['We need it.']]);
  });

  it('shows readers the languages they read, and originals spoken in them', () => {
    const model = modelOf(
      caption({ stable: 'We need it.' }),
      translation({ stable: 'Lo necesitamos.' }),
      caption({ utterance: 'u2', language: 'es', speaker: luis, stable: 'Yo también.' }),
    );
    expect(read(model, [])).toEqual([]);
    expect(read(model, ['original'])).toEqual([['We need it.'], ['Yo también.']]);
    expect(read(model, ['es'])).toEqual([['Lo necesitamos.'], ['Yo también.']]);
    expect(read(model, ['en'])).toEqual([['We need it.']]);
  });

  it('keeps a place for a translation only where the engine translates', () => {
    const model = modelOf(caption({ stable: 'We need it.' }));
    const [row] = visibleRows(model.rows, ['original', 'es'], (from, to) => from === 'en' && to === 'es');
    expect(row?.awaits).toBe(true);
    const [other] = visibleRows(model.rows, ['original', 'fr'], (from, to) => from === 'en' && to === 'es');
    expect(other?.awaits).toBe(false);
  });

  it('keeps no place for a translation that a later one has overtaken', () => {
    const awaits = (model: CaptionModel) => visibleRows(model.rows, ['original', 'es']).map(({ awaits }) => awaits);
    const model = modelOf(
      caption({ utterance: 'a' }),
      caption({ utterance: 'b', speaker: luis }),
      caption({ utterance: 'c' }),
    );
    expect(awaits(model)).toEqual([true, true, true]);
    model.add(translation({ utterance: 'c-es', sourceUtterance: 'c' }));
    expect(awaits(model)).toEqual([false, true, false]);
  });

  it('names a speaker only when the speaker changes', () => {
    const model = modelOf(
      caption({ utterance: 'a' }),
      caption({ utterance: 'b' }),
      caption({ utterance: 'c', speaker: luis }),
      caption({ utterance: 'd' }),
    );
    expect(visibleRows(model.rows, ['original']).map(({ first }) => first)).toEqual([true, false, true, true]);
  });

  it('removes the oldest of more than 200 utterances', () => {
    const model = modelOf(...Array.from({ length: 230 }, (_, i) => caption({ utterance: `u${i}`, stable: `${i}` })));
    const rows = [...model.rows];
    expect(rows.length).toBe(200);
    expect(rows.at(0)?.id).toBe('u30');
    expect(rows.at(-1)?.id).toBe('u229');
  });
});

describe('a translation that the content filter refused', () => {
  it('is a line of its own, marked, though it has no words', () => {
    const [row] = visibleRows(modelOf(unrelated({ final: true, contentFiltered: true })).rows, ['es']);
    expect(row?.translations).toMatchObject([{ stable: '', contentFiltered: true, final: true }]);
  });

  it('keeps the words that were shown before the refusal', () => {
    const model = modelOf(
      translation({ stable: 'Lo' }),
      translation({ stable: 'Lo', final: true, contentFiltered: true }),
    );
    expect(visibleRows(model.rows, ['es'])[0]?.translations).toMatchObject([{ stable: 'Lo', contentFiltered: true }]);
    expect(visibleRows(modelOf(translation({ stable: 'Lo' })).rows, ['es'])[0]?.translations[0]?.contentFiltered).toBe(
      false,
    );
  });
});

describe('a correction', () => {
  it.each([
    ['I sea the problem', 'I see the problem', 'see'],
    ['the numbers', 'the new numbers', 'new'],
    ['one two three', 'one 2 3', '2 3'],
    ['same', 'same', ''],
    ['all of it', 'nothing alike', 'nothing alike'],
  ])('of %j to %j shows %j', (was, is, words) => {
    expect(correctedWords(was, is)).toBe(words);
  });

  it('stands beside the shown text, which stays', () => {
    const model = modelOf(caption({ stable: 'I sea it', corrected: 'I see it', final: true }));
    const [row] = [...model.rows];
    expect(row?.original).toMatchObject({ stable: 'I sea it', correction: 'see' });
  });
});
