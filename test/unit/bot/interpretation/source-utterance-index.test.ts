import { describe, expect, it } from 'vitest';
import { SourceUtteranceIndex } from '../../../../bot/interpretation/source-utterance-index.ts';

const NOW = 60_000;

function published(...spans: [start: number, end?: number][]): SourceUtteranceIndex {
  const originals = new SourceUtteranceIndex();
  for (const [i, [start, end]] of spans.entries()) originals.record(`u${i + 1}`, { start, end });
  return originals;
}

describe('SourceUtteranceIndex', () => {
  it.each([
    ['the one at the same time', { start: 10_200, end: 14_100 }, 'u2'],
    ['the one that most of it is', { start: 4000, end: 12_000 }, 'u1'],
    ['the one that goes on, too', { start: 20_100 }, 'u3'],
    ['none where nothing was published', { start: 15_000, end: 19_000 }, undefined],
  ])('is %s', (_, span, expected) => {
    expect(published([0, 9000], [10_000, 14_000], [20_000]).closest(span, NOW)).toBe(expected);
  });

  it('separates utterances whose start the service does not tell', () => {
    const others = published([1000, 5000], [1000, 9000], [1000]);
    const own = new SourceUtteranceIndex();
    const spans = [5100, 9200, undefined].map((end, i) => own.record(`v${i}`, { start: 1000, end }));
    expect(spans.map((span) => others.closest(span, 12_000))).toEqual(['u1', 'u2', 'u3']);
  });

  it('finds an utterance by its corrected start', () => {
    const originals = published([1000]);
    originals.record('u1', { start: 4000, end: 6000 });
    expect(originals.closest({ start: 1000, end: 3900 }, NOW)).toBeUndefined();
  });

  it('keeps the last 64 utterances', () => {
    const originals = new SourceUtteranceIndex();
    for (let i = 0; i < 100; i++) originals.record(`u${i}`, { start: i * 1000, end: i * 1000 + 900 });
    expect([originals.has('u35'), originals.has('u36')]).toEqual([false, true]);
  });
});
