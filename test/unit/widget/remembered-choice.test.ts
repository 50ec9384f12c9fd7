import { describe, expect, it } from 'vitest';
import type { ChosenLanguages } from '../../../client-widget/embedding/language-selection.ts';
import { RememberedChoice } from '../../../client-widget/embedding/remembered-choice.ts';

function remembered(text: string | null = null) {
  const stored = new Map(text === null ? [] : [['languages', text]]);
  const choice = new RememberedChoice('languages', () => ({
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => void stored.set(key, value),
  }));
  return { choice, stored };
}

describe('the choice that a browser remembers', () => {
  it.each<ChosenLanguages>([
    { hears: 'es', reads: ['es'] },
    { hears: 'original', reads: ['fr'] },
    { hears: 'es', reads: [] },
  ])('is there the next time: %j', (chosen) => {
    const { choice, stored } = remembered();
    expect(choice.load()).toEqual({});
    choice.save(chosen);
    expect([...stored.keys()]).toEqual(['languages']);
    expect(choice.load()).toEqual(chosen);
  });

  it.each([
    ['', {}],
    ['no JSON', {}],
    ['null', {}],
    ['"es"', {}],
    ['{"hears":5,"reads":["es"]}', { reads: ['es'] }],
    ['{"hears":"es","reads":["es","fr"]}', { hears: 'es' }],
    ['{"hears":"es","reads":[""]}', { hears: 'es' }],
    ['{"hears":"es","reads":{"0":"es"}}', { hears: 'es' }],
  ])('is what is left of something else: %s', (text, left) => {
    expect(remembered(text).choice.load()).toEqual(left);
  });

  it('is none where the page may store nothing', () => {
    const choice = new RememberedChoice('languages', () => {
      throw new Error('SecurityError');
    });
    choice.save({ hears: 'es', reads: ['es'] });
    expect(choice.load()).toEqual({});
  });
});
