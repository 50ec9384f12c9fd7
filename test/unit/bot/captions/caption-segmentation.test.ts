import { describe, expect, it } from 'vitest';
import { findSplitOffset } from '../../../../bot/captions/caption-segmentation.ts';

const cut = (text: string, { atLeast = 5, atMost = 60 } = {}): string | undefined => {
  const at = findSplitOffset(text, { minCharacters: atLeast, forceSplitAt: atMost });
  return at === undefined ? undefined : text.slice(0, at);
};

describe('findSplitOffset', () => {
  it.each([
    ['after the last sentence', 'It rained. We stayed. Then, they', 'It rained. We stayed.'],
    ['after a clause where no sentence ends', 'It rained, so we stayed, and then', 'It rained, so we stayed,'],
    ['not at the very end, where more may come', 'It rained.', undefined],
    ['not within a number', 'It costs 3.50 or 1,000 of them', undefined],
    ['with the quotation that it closes', '“It rained.” So we', '“It rained.”'],
    ['Chinese', '今天下雨了。我们在家，然后', '今天下雨了。'],
    ['Japanese', '雨が降りました。家にいて、', '雨が降りました。'],
    ['Arabic', 'هل تسمعني؟ نعم، أسمعك', 'هل تسمعني؟'],
    ['Hindi', 'बारिश हुई। हम घर', 'बारिश हुई।'],
  ])('cuts %s', (_, text, expected) => {
    expect(cut(text)).toBe(expected);
  });

  it('does not split before the minimum', () => {
    expect(cut('Yes. But no, not', { atLeast: 6 })).toBe('Yes. But no,');
  });

  it('splits between two words where there is no better place, once the text is long', () => {
    const text = 'one two three four five six seven eight nine ten';
    expect(cut(text, { atMost: 20 })).toBe('one two three four');
    expect(cut(text, { atMost: 100 })).toBeUndefined();
  });

  it('splits between two words of a script without spaces', () => {
    const text = '我们今天去公园看花然后回家吃饭';
    const beginning = cut(text, { atMost: 8 });
    expect(beginning?.length).toBeLessThanOrEqual(8);
    expect(text.startsWith(beginning ?? 'x')).toBe(true);
  });
});
