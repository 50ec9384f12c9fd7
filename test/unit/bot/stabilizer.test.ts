import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Stabilizer } from '../../../bot/stabilizer.ts';

describe('Stabilizer', () => {
  let stabilizer: Stabilizer;
  beforeEach(() => {
    stabilizer = new Stabilizer();
  });

  it('shows what the service has confirmed as stable and the rest as tentative', () => {
    expect(stabilizer.update('', 'hel')).toEqual({ stable: '', tentative: 'hel' });
    expect(stabilizer.update('hello', ' wor')).toEqual({ stable: 'hello', tentative: ' wor' });
    expect(stabilizer.update('hello', ' there')).toEqual({ stable: 'hello', tentative: ' there' });
    expect(stabilizer.finish('hello there')).toEqual({ stable: 'hello there' });
  });

  it('holds back what contradicts what was shown, and tells it at the end', () => {
    stabilizer.update('I scream', '');
    expect(stabilizer.update('ice cream', ' please')).toEqual({ stable: 'I scream', tentative: '' });
    expect(stabilizer.finish('ice cream please')).toEqual({ stable: 'I scream', corrected: 'ice cream please' });
  });

  it('corrects nothing where the service comes back to what it said first', () => {
    stabilizer.update('one two', '');
    stabilizer.update('won too', '');
    expect(stabilizer.update('one two', ' three')).toEqual({ stable: 'one two', tentative: ' three' });
    expect(stabilizer.finish('one two three')).toEqual({ stable: 'one two three' });
  });

  it('shows the rest of a text that is unconfirmed again as tentative', () => {
    stabilizer.update('one two', '');
    expect(stabilizer.update('one', ' two three')).toEqual({ stable: 'one two', tentative: ' three' });
  });

  it('ends with what was said last where the last word is empty', () => {
    stabilizer.update('one', ' two');
    expect(stabilizer.finish('')).toEqual({ stable: 'one two' });
  });

  it('ends empty what was never anything', () => {
    expect(stabilizer.finish('')).toEqual({ stable: '' });
  });

  it('never takes a word back, whatever the service says, and loses nothing of its last word', () => {
    const text = fc.oneof(
      fc.constantFrom('', 'a', 'ab', 'abc', 'abcd', 'b', 'bc', 'abx'),
      fc.string({ unit: 'grapheme', maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 20 }), text, (updates, last) => {
        const another = new Stabilizer();
        let shown = '';
        for (const [confirmed, tentative] of updates) {
          const { stable } = another.update(confirmed, tentative);
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
