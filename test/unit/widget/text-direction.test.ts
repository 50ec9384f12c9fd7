import { describe, expect, it } from 'vitest';
import { directionOf, runs } from '../../../client-widget/captions/text-direction.ts';

describe('the direction of an utterance', () => {
  it.each([
    ['ar', 'rtl'],
    ['ar-EG', 'rtl'],
    ['he', 'rtl'],
    ['ur', 'rtl'],
    ['en', 'ltr'],
    ['zh', 'ltr'],
    ['arn', 'ltr'],
  ])('of %s is %s, whatever its first word is', (language, direction) => {
    expect(directionOf(language)).toBe(direction);
  });
});

/** What is isolated, in brackets. */
const marked = (text: string, direction: 'ltr' | 'rtl') =>
  runs(text, direction)
    .map((run) => (run.isolated ? `[${run.text}]` : run.text))
    .join('');

describe('isolated parts', () => {
  it.each([
    ['rtl', 'يستخدم Booth 2.5 اليوم', 'يستخدم [Booth 2.5] اليوم'],
    ['rtl', 'الساعة 12:30، ثم 15%.', 'الساعة [12:30]، ثم [15%].'],
    ['rtl', 'اتصل +49 30 1234 الآن', 'اتصل [+49 30 1234] الآن'],
    ['rtl', 'قال Jane O’Neill: نعم', 'قال [Jane O’Neill]: نعم'],
    ['rtl', 'لا شيء هنا', 'لا شيء هنا'],
    ['ltr', 'Welcome, محمد علي (Cairo)!', 'Welcome, [محمد علي] (Cairo)!'],
    ['ltr', 'It costs 3.50 at 12:30.', 'It costs 3.50 at 12:30.'],
  ] as const)('in %s text the names and numbers of %j', (direction, text, expected) => {
    expect(marked(text, direction)).toBe(expected);
  });
});
