import { describe, expect, it } from 'vitest';
import {
  loadPreferences,
  type StoredPreferences,
  savePreferences,
} from '../../../client-widget/meeting/stored-preferences.ts';

function storage(text: string | null = null) {
  let stored = text;
  return {
    getItem: () => stored,
    setItem: (_: string, value: string) => {
      stored = value;
    },
  };
}

describe('stored preferences', () => {
  it.each<StoredPreferences>([
    { speaks: 'es' },
    { speaks: null },
    { interpret: false },
    { pictures: false },
    { name: 'Jane', camera: true, hears: 'es', mode: 'both', language: 'fr', captionSize: 2 },
  ])('is there the next time: %j', (choice) => {
    const kept = storage();
    savePreferences(kept, choice);
    expect(loadPreferences(kept)).toEqual(choice);
  });

  it('are merged with earlier ones', () => {
    const kept = storage();
    for (const choice of [{ speaks: 'en', name: 'Jane' }, { interpret: false }, { speaks: 'es' }])
      savePreferences(kept, choice);
    expect(loadPreferences(kept)).toEqual({ speaks: 'es', name: 'Jane', interpret: false });
  });

  it.each([
    '',
    'no JSON',
    'null',
    '[]',
    '"text"',
    '{"speaks":5,"interpret":"no","pictures":1,"mode":"loud","captionSize":9,"other":true}',
  ])('is nothing where %j is stored', (text) => {
    expect(loadPreferences(storage(text))).toEqual({});
  });

  it('are empty where the browser stores nothing', () => {
    const refuses = (): never => {
      throw new Error('this window is private');
    };
    const refusing = { getItem: refuses, setItem: refuses };
    expect(() => savePreferences(refusing, { speaks: 'es' })).not.toThrow();
    expect(loadPreferences(refusing)).toEqual({});
  });
});
