import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakLines, columnWidth, maxColumns, splitWords } from '../../../captions/line-breaking.ts';

/** As a screen breaks them that is wide enough for any line. */
const lines = (text: string, language: string) =>
  breakLines(text, language, (line) => columnWidth(line) <= maxColumns(language)).map((line) => line.trimEnd());

describe('a caption line', () => {
  it.each([
    ['en', 'a', 42],
    ['ar', 'م', 42],
    ['zh', '水', 16],
    ['yue', '水', 16],
    ['ko', '물', 16],
    ['ja', '水', 13],
    ['ja', 'ｶ', 26],
  ])('of %s holds %j %i times and not once more', (language, letter, most) => {
    expect(lines(letter.repeat(most), language)).toEqual([letter.repeat(most)]);
    expect(lines(letter.repeat(most + 1), language).length).toBe(2);
  });

  it('counts combining marks and joiners as no column', () => {
    expect(columnWidth('e\u0301')).toBe(1);
    expect(columnWidth('مَ')).toBe(1);
    expect(columnWidth('a\u200db')).toBe(2);
  });

  it('ends between words, and its trailing spaces take no column', () => {
    const word = 'abcdefghijklmnopqrst';
    expect(lines(`${word} ${word}a ${word}`, 'en')).toEqual([`${word} ${word}a`, word]);
  });

  it.each([
    ['en', 'It cost 3.50 (about), didn’t it?', ['It ', 'cost ', '3.50 ', '(about), ', 'didn’t ', 'it?']],
    ['fr', 'Vraiment\u00a0? Oui.', ['Vraiment\u00a0? ', 'Oui.']],
    ['ja', '「今日」は、晴れ。', ['「今日」', 'は、', '晴れ。']],
    ['zh', '我们要完成WebRTC报告。', ['我们', '要', '完成', 'WebRTC', '报告。']],
    ['ko', '보고서를 끝내야 합니다.', ['보고서를 ', '끝내야 ', '합니다.']],
  ])('of %s breaks where %j may be broken', (language, text, expected) => {
    expect(splitWords(text, language)).toEqual(expected);
  });

  it('breaks inside a word that is longer than any line', () => {
    const address = `https://example.org/${'x'.repeat(60)}`;
    const [first, second] = lines(address, 'en');
    expect(first?.length).toBe(42);
    expect(`${first}${second}`).toBe(address);
  });
});

describe('the lines of text that grows', () => {
  const anyText = fc.array(
    fc.constantFrom('report ', 'to ', 'finish', ', ', '(now) ', '水', '報告', '。', 'interpretation '),
    {
      maxLength: 40,
    },
  );

  it('are together the text', () => {
    fc.assert(
      fc.property(anyText, (parts) => {
        const text = parts.join('');
        expect(breakLines(text, 'en', (line) => columnWidth(line) <= 42).join('')).toBe(text);
      }),
    );
  });

  it('keep the words that they have', () => {
    fc.assert(
      fc.property(anyText, (parts) => {
        const whole = splitWords(parts.join(''), 'ja');
        let before: string[] = [];
        for (let count = 1; count <= whole.length; count++) {
          const after = breakLines(whole.slice(0, count).join(''), 'ja', (line) => columnWidth(line) <= 26);
          expect(after.slice(0, Math.max(0, before.length - 1))).toEqual(before.slice(0, -1));
          expect(after[before.length - 1]?.startsWith(before.at(-1)?.trimEnd() ?? '') ?? true).toBe(true);
          before = after;
        }
      }),
    );
  });
});
