import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitWords } from '../../../captions/line-breaking.ts';
import { WordPacing } from '../../../client-widget/captions/word-pacing.ts';

const said = (stable: string, tentative = '', final = false) => ({ language: 'en', stable, tentative, final });
const count = (text: string) => splitWords(text, 'en').length;

function revealing(...first: Parameters<typeof said>): WordPacing {
  const reveal = new WordPacing();
  reveal.update(said(...first), 0, false);
  return reveal;
}

describe('WordPacing', () => {
  it('shows words one by one, at 160 to 180 a minute', () => {
    const reveal = new WordPacing();
    reveal.update(said('We need it'), 0);
    expect(reveal.at(0).text).toBe('We ');
    const second = reveal.at(0).nextMs ?? 0;
    expect(60_000 / second).toBeGreaterThanOrEqual(160);
    expect(60_000 / second).toBeLessThanOrEqual(180);
    expect(reveal.at(second - 1).text).toBe('We ');
    expect(reveal.at(second).text).toBe('We need ');
    expect(reveal.at(2 * second).text).toBe('We need it');
  });

  it('shows words evenly within a second when many arrive at once', () => {
    const reveal = new WordPacing();
    reveal.update(said('one two three four five six seven eight nine ten'), 0);
    const seen = [0, 250, 500, 750, 1_000].map((ms) => count(reveal.at(ms).text));
    expect(seen.at(-1)).toBe(10);
    seen.slice(1).forEach((now, index) => {
      expect(now - (seen[index] ?? 0)).toBeGreaterThanOrEqual(2);
      expect(now - (seen[index] ?? 0)).toBeLessThanOrEqual(3);
    });
  });

  it('never delays a word by more than a second, however words arrive', () => {
    const arrivals = fc.array(fc.record({ words: fc.integer({ min: 0, max: 8 }), afterMs: fc.nat(900) }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(arrivals, (steps) => {
        const reveal = new WordPacing();
        let text = '';
        let now = 0;
        for (const { words: more, afterMs } of steps) {
          now += afterMs;
          text += 'word '.repeat(more);
          reveal.update(said(text), now);
          expect(reveal.at(now + 1_001).text).toBe(text);
        }
      }),
    );
  });

  it('paces Chinese by characters', () => {
    const reveal = new WordPacing();
    reveal.update({ language: 'zh', stable: '我们要完成报告', tentative: '', final: false }, 0);
    expect(reveal.at(0).text).toBe('我们');
    expect(reveal.at(800).text).toBe('我们要完成报告');
  });

  it('shows words of long ago at once', () => {
    expect(revealing('We need to finish the report today.').at(0)).toMatchObject({
      text: 'We need to finish the report today.',
      nextMs: undefined,
    });
  });
});

describe('tentative words', () => {
  it('are distinguished from stable ones', () => {
    expect(revealing('We need', ' to finnish').at(0)).toMatchObject({
      text: 'We need to finnish',
      stable: 7,
      wholeMs: undefined,
    });
  });

  it('stay until as many words have arrived, and become stable in place', () => {
    const reveal = revealing('We need', ' to finnish the');
    reveal.update(said('We need'), 10);
    expect(reveal.at(10)).toMatchObject({ text: 'We need to finnish the', stable: 7 });
    reveal.update(said('We need to', ' finish'), 20);
    expect(reveal.at(20)).toMatchObject({ text: 'We need to finnish the', stable: 10 });
    reveal.update(said('We need to finish', ' these reports'), 30);
    expect(reveal.at(30)).toMatchObject({ text: 'We need to finish these ', stable: 17 });
  });

  it('go with the final text, which is exactly what was said', () => {
    const reveal = revealing('We need', ' to finnish the');
    reveal.update(said('We need to finish.', '', true), 10);
    expect(reveal.at(10)).toEqual({ text: 'We need to finish.', stable: 18, wholeMs: 10, nextMs: undefined });
  });

  it('never leave fewer words on the screen than before, until the final text', () => {
    const step = fc.record({ more: fc.nat(3), tentative: fc.nat(4), afterMs: fc.nat(500) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const reveal = new WordPacing();
        let [stable, now, before] = ['', 0, 0];
        for (const { more, tentative, afterMs } of steps) {
          now += afterMs;
          stable += ' yes'.repeat(more);
          reveal.update(said(stable, ' maybe'.repeat(tentative)), now);
          const shown = reveal.at(now);
          expect(count(shown.text)).toBeGreaterThanOrEqual(before);
          expect(shown.text.startsWith(stable.slice(0, shown.stable))).toBe(true);
          before = count(shown.text);
        }
      }),
    );
  });
});
