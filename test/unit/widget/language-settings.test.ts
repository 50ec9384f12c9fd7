import { describe, expect, it } from 'vitest';
import { changedSettings, fieldsOf, readTerms } from '../../../client-widget/meeting/language-settings.ts';

const bounds = { terms: 3, characters: 10 };

describe('terms that a host types', () => {
  it('are split at the first colon of each line', () => {
    expect(readTerms(' Booth : Cabina \n\nSFU: a: b\r\n展位：Cabina', bounds)).toEqual({
      terms: { Booth: 'Cabina', SFU: 'a: b', 展位: 'Cabina' },
      faults: [],
    });
  });

  it.each([
    ['no colon', [{ is: 'noTranslation', line: 1 }]],
    [': Cabina', [{ is: 'noTranslation', line: 1 }]],
    ['Booth:', [{ is: 'noTranslation', line: 1 }]],
    [`${'x'.repeat(11)}: y`, [{ is: 'tooLong', line: 1 }]],
    [`y: ${'x'.repeat(11)}`, [{ is: 'tooLong', line: 1 }]],
    ['\na: b\na: c', [{ is: 'twice', line: 3 }]],
    ['a: 1\nb: 2\nc: 3', []],
    ['a: 1\nb: 2\nc: 3\nd: 4', [{ is: 'tooMany', terms: 4, most: 3 }]],
  ])('%j is told what is wrong with it, by line', (text, faults) => {
    expect(readTerms(text, bounds).faults).toEqual(faults);
  });
});

describe('the settings of a language', () => {
  const told = { es: { voice: 'Cherry', hotwords: { 'a:b': 'c' } }, fr: { audio: false } };

  it('fill the form from the interpreter and the draft', () => {
    expect(fieldsOf(told.es, {})).toEqual({ voice: 'Cherry', audio: true, text: 'a:b: c' });
    expect(fieldsOf(told.es, { voice: '', text: 'a' })).toEqual({ voice: '', audio: true, text: 'a' });
  });

  it('are sent for these languages only, unedited terms unchanged', () => {
    expect(changedSettings(['es', 'de'], told, { es: { audio: false }, fr: { audio: true } }, bounds)).toEqual({
      es: { ...told.es, audio: false },
    });
    expect(
      changedSettings(['es', 'fr'], told, { es: { voice: '', text: '' }, fr: { voice: 'Nofish' } }, bounds),
    ).toEqual({
      fr: { voice: 'Nofish', audio: false },
    });
  });
});
