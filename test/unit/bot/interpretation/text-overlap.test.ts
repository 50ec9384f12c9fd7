import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { removeOverlap, wordsOf } from '../../../../bot/interpretation/text-overlap.ts';

interface Case {
  what: string;
  known: string;
  text: string;
  rest: string;
  matchedWordCount?: number;
}

const cases: Case[] = [
  { what: 'all of a text where nothing is known', known: '', text: '¡Hola! ¿Qué tal?', rest: '¡Hola! ¿Qué tal?' },
  { what: 'nothing of a text that is known', known: 'we go home', text: 'We go home.', rest: '', matchedWordCount: 3 },
  {
    what: 'what follows the known',
    known: 'we go home',
    text: 'We go home. And you?',
    rest: 'And you?',
    matchedWordCount: 3,
  },
  {
    what: 'the marks that open a sentence',
    known: 'we go',
    text: 'We go. «¿Y tú?»',
    rest: '«¿Y tú?»',
    matchedWordCount: 2,
  },
  {
    what: 'nothing of a text that stops within the known',
    known: 'we go home now',
    text: 'we go',
    rest: '',
    matchedWordCount: 2,
  },
  {
    what: 'what follows other words for the same',
    known: 'we will go home in the evening',
    text: 'We are going home in the evening. Then we sleep.',
    rest: 'Then we sleep.',
    matchedWordCount: 7,
  },
  {
    what: 'what follows a shorter version',
    known: 'so well we will all go home in the evening',
    text: 'We will go home in the evening, then we sleep.',
    rest: 'then we sleep.',
    matchedWordCount: 10,
  },
  {
    what: 'nothing where only the last word is another',
    known: 'we go home',
    text: 'We go out.',
    rest: '',
    matchedWordCount: 3,
  },
  { what: 'all of what has nothing in common', known: 'we go home', text: '¿Sabe usted?', rest: '¿Sabe usted?' },
  { what: 'all of what has too little in common', known: 'a b c d e', text: 'v w c x y', rest: 'v w c x y' },
  {
    what: 'rather too much than too little',
    known: 'good morning',
    text: 'good evening dear all',
    rest: 'evening dear all',
    matchedWordCount: 2,
  },
  { what: 'as much where it may be more', known: 'a b x', text: 'a b a b', rest: 'a b', matchedWordCount: 3 },
  { what: 'a word that is said once more', known: 'no', text: 'No, no, no.', rest: 'no, no.', matchedWordCount: 1 },
  { what: 'Chinese', known: '今天天气很好', text: '今天天气很好，我们去公园', rest: '我们去公园', matchedWordCount: 3 },
  {
    what: 'nothing of Chinese in other words',
    known: '今天天气很好',
    text: '今天天气不错',
    rest: '',
    matchedWordCount: 3,
  },
  {
    what: 'Arabic',
    known: 'مرحبا بكم في هذا الاجتماع',
    text: 'مرحبا بكم في هذا الاجتماع اليوم سنتحدث',
    rest: 'اليوم سنتحدث',
    matchedWordCount: 5,
  },
  {
    what: 'Russian, whatever its case',
    known: 'ДОБРЫЙ ДЕНЬ',
    text: 'Добрый день! Начнём.',
    rest: 'Начнём.',
    matchedWordCount: 2,
  },
  { what: 'Thai', known: 'สวัสดีครับ', text: 'สวัสดีครับ วันนี้', rest: 'วันนี้', matchedWordCount: wordsOf('สวัสดีครับ').length },
];

describe('removeOverlap', () => {
  it.each(cases)('leaves $what', ({ known, text, rest, matchedWordCount = 0 }) => {
    expect(removeOverlap(wordsOf(known), text)).toEqual({ rest, matchedWordCount });
  });

  it('loses nothing of a text that is longer than the compared words', () => {
    const words = Array.from({ length: 500 }, (_, i) => `w${i}`);
    const { rest, matchedWordCount } = removeOverlap(words.slice(0, 400), words.join(' '));
    expect(rest.split(' ')).toEqual(words.slice(400));
    expect(matchedWordCount).toBe(400);
  });

  const word = fc.constantFrom('uno', 'dos', 'tres', 'ein', 'zwei', '好', 'день', 'مرحبا');
  const fresh = fc.constantFrom('new', 'other', 'more', '公园', 'ночь');
  const sentence = (of: fc.Arbitrary<string>) => fc.array(of, { minLength: 1, maxLength: 12 });

  it('returns exactly what follows known words that are repeated unchanged', () => {
    fc.assert(
      fc.property(sentence(word), fc.array(fresh, { maxLength: 12 }), (known, more) => {
        const { rest, matchedWordCount } = removeOverlap(known, [...known, ...more].join(' '));
        expect(rest.split(' ').filter(Boolean)).toEqual(more);
        expect(matchedWordCount).toBe(known.length);
      }),
    );
  });

  it('removes no word where the texts have nothing in common', () => {
    fc.assert(
      fc.property(sentence(word), sentence(fresh), (known, text) => {
        expect(removeOverlap(known, text.join(' '))).toEqual({ rest: text.join(' '), matchedWordCount: 0 });
      }),
    );
  });

  it('returns an end of the text and covers no more than the known words, for any text', () => {
    const any = fc.array(fc.oneof(word, fresh), { maxLength: 14 });
    fc.assert(
      fc.property(any, any, (known, text) => {
        const { rest, matchedWordCount } = removeOverlap(known, text.join(' '));
        expect(text.join(' ').endsWith(rest)).toBe(true);
        expect(matchedWordCount).toBeLessThanOrEqual(known.length);
        if (rest !== '' && matchedWordCount > 0) expect(matchedWordCount).toBe(known.length);
        if (matchedWordCount === 0) expect(rest).toBe(text.join(' '));
      }),
    );
  });
});

describe('wordsOf', () => {
  it('ignores case and punctuation', () => {
    expect(wordsOf('¿QUÉ tal? — "Bien", dice.')).toEqual(['qué', 'tal', 'bien', 'dice']);
  });

  it('returns at most 400 words', () => {
    expect(wordsOf('word '.repeat(500))).toHaveLength(400);
  });
});
