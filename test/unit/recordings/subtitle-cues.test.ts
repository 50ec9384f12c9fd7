/** Subtitles as readers and players need them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnWidth } from '../../../captions/line-breaking.ts';
import { type SubtitleUtterance, srtOf, subtitleCues, vttOf } from '../../../recordings/subtitle-cues.ts';

const es = (text: string) => [{ language: 'es', text }];
const long =
  'Todos nuestros representantes están ocupados ahora mismo, así que quédese en la línea y le atenderemos en cuanto alguien pueda.';

describe('subtitles', () => {
  it('start when their words were said, and stay as long as reading takes', () => {
    expect(subtitleCues([{ startMs: 1000, endMs: 1200, texts: es('Buenos días a todos ustedes.') }])).toEqual([
      { startMs: 1000, endMs: 2647, lines: ['Buenos días a todos ustedes.'] },
    ]);
  });

  it('are cut into cues of two lines, each with its share of the time', () => {
    const cues = subtitleCues([{ startMs: 0, endMs: 9000, texts: es(long) }]);
    expect(cues.map(({ lines }) => lines.join(' ')).join(' ')).toBe(long);
    expect(cues.length).toBe(2);
    for (const { lines } of cues) expect(lines.length).toBeLessThanOrEqual(2);
    expect(cues[1]?.startMs).toBeGreaterThan(3500);
    expect(cues[1]?.startMs).toBeLessThan(5500);
  });

  it('in two languages have a line of each', () => {
    const texts = [
      { language: 'en', text: 'Good morning to all of you who came here so early today.' },
      ...es('Buenos días.'),
    ];
    const cues = subtitleCues([{ startMs: 0, endMs: 4000, texts }]);
    expect(cues.map(({ lines }) => lines.length)).toEqual([2, 2]);
    expect(cues.map(({ lines }) => lines[0]).join(' ')).toBe(texts[0]?.text);
  });

  it('of Chinese have 16 characters in a line', () => {
    const texts = [{ language: 'zh', text: '我们今天早上在这里讨论的是关于翻译的问题，请大家认真听一下。' }];
    for (const { lines } of subtitleCues([{ startMs: 0, endMs: 4000, texts }]))
      for (const line of lines) expect(columnWidth(line)).toBeLessThanOrEqual(32);
  });

  it('are in order, do not overlap, and lose no word, whatever is said when', () => {
    const word = fc.stringMatching(/^[a-zñá]{1,12}$/);
    const utterance = fc.record({
      startMs: fc.nat(600_000),
      ms: fc.nat(20_000),
      words: fc.array(word, { minLength: 1, maxLength: 60 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(utterance, { maxLength: 8, selector: ({ startMs }) => Math.floor(startMs / 30_000) }),
        (all) => {
          const utterances = all.map(
            ({ startMs, ms, words }): SubtitleUtterance => ({
              startMs,
              endMs: startMs + ms,
              texts: es(words.join(' ')),
            }),
          );
          const cues = subtitleCues(utterances);
          for (const [i, { startMs, endMs, lines }] of cues.entries()) {
            expect(endMs).toBeGreaterThan(startMs);
            for (const line of lines) expect(columnWidth(line)).toBeLessThanOrEqual(42);
            const next = cues[i + 1];
            if (next && next.startMs > startMs) expect(endMs).toBeLessThanOrEqual(next.startMs);
          }
          const said = all.toSorted((a, b) => a.startMs - b.startMs).flatMap(({ words }) => words);
          const counts = (words: string[]) => words.toSorted().join(' ');
          expect(counts(cues.flatMap(({ lines }) => lines.flatMap((line) => line.split(' '))))).toBe(counts(said));
        },
      ),
    );
  });
});

describe('a subtitle file', () => {
  const cues = subtitleCues([{ startMs: 3_661_005, endMs: 3_663_000, texts: es('<b>1 --> 2</b> & más') }]);

  it('is SubRip', () => {
    expect([...srtOf(cues)].join('')).toBe('1\n01:01:01,005 --> 01:01:03,000\n<\u2060b>1 → 2<\u2060/b> & más\n');
  });

  it('is WebVTT', () => {
    expect([...vttOf(cues)].join('')).toBe(
      'WEBVTT\n\n01:01:01.005 --> 01:01:03.000\n&lt;b&gt;1 --&gt; 2&lt;/b&gt; &amp; más\n',
    );
  });
});
