import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginning, continued, sentence, uncapitalized } from '../../../engine/offline/english.ts';

const written = (words: string): string => sentence(words.split(' '));

describe('recognised words as a sentence', () => {
  it.each([
    ['i think so', 'I think so.'],
    ["yes i'm here and i'll stay", "Yes I'm here and I'll stay."],
    ['we meet in london on monday', 'We meet in London on Monday.'],
    ["that is spain's problem", "That is Spain's problem."],
    ['i speak spanish and a little german', 'I speak Spanish and a little German.'],
    ['you may march to the center', 'You may march to the center.'],
    ['', ''],
  ])('%s → %s', (words, text) => {
    expect(words ? written(words) : sentence([])).toBe(text);
  });

  it.each([
    'can you hear me',
    'hello everyone can you hear me',
    'do you have any questions',
    'is the report ready',
    'have you seen it',
    'where is the station',
    'what do you think',
    'how are you',
    'how many people are coming',
    'what time is it',
    "what's your name",
  ])('asks: %s', (words) => {
    expect(written(words)).toMatch(/\?$/);
  });

  it.each([
    'what i mean is this',
    'when the leader arrives we begin',
    'where i live it is cold',
    'do it now',
    'have a nice day',
    'that is not what i said',
    'may is a nice month',
  ])('does not ask: %s', (words) => {
    expect(written(words)).toMatch(/\.$/);
  });

  it('never takes back how a growing text began', () => {
    const word = fc.constantFrom('i', "i'm", 'london', 'monday', 'may', 'the', 'can', 'you', 'new', 'york');
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.nat(), (words, at) => {
        const cut = 1 + (at % words.length);
        const rest = words.slice(cut);
        const whole = beginning(words.slice(0, cut)) + (rest.length > 0 ? ` ${continued(rest)}` : '');
        expect(whole).toBe(beginning(words));
        expect(sentence(words).startsWith(whole)).toBe(true);
      }),
    );
  });

  it('loses the capital of its beginning alone', () => {
    expect(uncapitalized('The leader is in London')).toBe('the leader is in London');
    expect(uncapitalized('London is large')).toBe('London is large');
    expect(uncapitalized("I'm here")).toBe("I'm here");
  });
});
