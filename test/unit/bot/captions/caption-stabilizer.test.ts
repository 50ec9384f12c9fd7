import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { CaptionStabilizer } from '../../../../bot/captions/caption-stabilizer.ts';

describe('CaptionStabilizer', () => {
  let stabilizer: CaptionStabilizer;
  beforeEach(() => {
    stabilizer = new CaptionStabilizer();
  });

  it('shows confirmed text as stable and the rest as tentative', () => {
    expect(stabilizer.update('', 'hel', 0)).toEqual({ stable: '', tentative: 'hel' });
    expect(stabilizer.update('hello', ' wor', 0)).toEqual({ stable: 'hello', tentative: ' wor' });
    expect(stabilizer.update('hello', ' there', 0)).toEqual({ stable: 'hello', tentative: ' there' });
    expect(stabilizer.finish('hello there')).toEqual({ stable: 'hello there' });
  });

  it('continues after a contradiction of what was shown, and reports the correction at the end', () => {
    stabilizer.update('I scream', '', 0);
    expect(stabilizer.update('ice cream', ' please', 0)).toEqual({ stable: 'I scream', tentative: ' please' });
    expect(stabilizer.finish('ice cream please')).toEqual({ stable: 'I scream', corrected: 'ice cream please' });
  });

  it('corrects nothing where the service returns to its first text', () => {
    stabilizer.update('one two', '', 0);
    stabilizer.update('won too', '', 0);
    expect(stabilizer.update('one two', ' three', 0)).toEqual({ stable: 'one two', tentative: ' three' });
    expect(stabilizer.finish('one two three')).toEqual({ stable: 'one two three' });
  });

  it('shows the rest of a text that is unconfirmed again as tentative', () => {
    stabilizer.update('one two', '', 0);
    expect(stabilizer.update('one', ' two three', 0)).toEqual({ stable: 'one two', tentative: ' three' });
  });

  describe('with a service that confirms nothing before the end', () => {
    const saying = (...texts: string[]) => texts.map((text, i) => stabilizer.update('', text, i * 300).stable);

    it('makes words stable after 800 ms and four revisions, but not the last two', () => {
      const seen = 'we have seen it';
      expect(saying('we', 'we have', 'we have seen', seen, seen, seen, seen)).toEqual([
        '',
        '',
        '',
        'we',
        'we have',
        'we have',
        'we have',
      ]);
    });

    it('waits while a word changes', () => {
      expect(saying('a b c d e', 'a b x d e', 'a b y d e', 'a b z d e', 'a b c d e')).toEqual([
        '',
        '',
        '',
        'a b',
        'a b',
      ]);
    });

    it('counts words in scripts without spaces', () => {
      const [beginning, more] = ['今天天气很好我们', '今天天气很好我们去'];
      expect(saying(beginning, more, more, '今天天气很好我们去公园').at(-1)).toMatch(/^今天/);
    });
  });

  it('ends with the text that was shown last where the final text is empty', () => {
    stabilizer.update('one', ' two', 0);
    expect(stabilizer.finish('')).toEqual({ stable: 'one two' });
  });

  it('ends empty where there was no text', () => {
    expect(stabilizer.finish('')).toEqual({ stable: '' });
  });

  it('never takes a word back, and loses nothing of the final text, for any revisions', () => {
    const text = fc.oneof(
      fc.constantFrom('', 'a', 'ab', 'abc', 'abcd', 'b', 'bc', 'abx'),
      fc.string({ unit: 'grapheme', maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 20 }), text, (updates, last) => {
        const another = new CaptionStabilizer();
        let shown = '';
        for (const [confirmed, tentative] of updates) {
          const { stable } = another.update(confirmed, tentative, 0);
          expect(stable.startsWith(shown)).toBe(true);
          shown = stable;
        }
        const { stable, corrected } = another.finish(last);
        expect(stable.startsWith(shown)).toBe(true);
        const meant = last || (updates.at(-1)?.join('') ?? '');
        expect(corrected ?? stable).toBe(meant);
        expect(corrected === undefined).toBe(meant.startsWith(shown));
      }),
    );
  });
});
