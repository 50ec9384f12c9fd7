import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as formats from '../../../../server/transcript/formats.ts';
import { SHORTEST_CUE_MS, type TranscriptCue } from '../../../../server/transcript/formats.ts';
import { testSeed } from '../../../support/test-seed.ts';

const srt = (lines: readonly TranscriptCue[]): string => [...formats.srt(lines)].join('');
const vtt = (lines: readonly TranscriptCue[]): string => [...formats.vtt(lines)].join('');
const txt = (lines: readonly TranscriptCue[]): string => [...formats.txt(lines)].join('');

const line = (
  text: string,
  start: number,
  end: number,
  name = 'Ben',
  more: Partial<TranscriptCue> = {},
): TranscriptCue => ({
  speaker: { id: name, name },
  text,
  start,
  end,
  ...more,
});

const two = [line('Good morning.', 1000, 2500), line('Buenos días.', 3_723_004, 3_725_000, 'Ana')];

describe('SubRip', () => {
  it('numbers its cues and says who speaks', () => {
    expect(srt(two)).toBe(
      '1\n00:00:01,000 --> 00:00:02,500\nBen: Good morning.\n\n2\n01:02:03,004 --> 01:02:05,000\nAna: Buenos días.\n',
    );
  });

  it('counts hours as far as a meeting goes', () => {
    expect(srt([line('Late.', 100 * 3_600_000, 100 * 3_600_000 + 1500)])).toContain('100:00:00,000 --> 100:00:01,500');
  });

  it('keeps what looks like markup from being markup', () => {
    expect(srt([line('a <i>b</i> {\\an8}c --> d', 0, 2000, '<b>Eve')])).toContain(
      '<\u2060b>Eve: a <\u2060i>b<\u2060/i> {\u2060\\an8}c → d\n',
    );
  });

  it('ends a cue when the next begins, which waits where that would be too soon', () => {
    const text = srt([line('one', 0, 5000), line('two', 3000, 6000), line('three', 3200, 6000)]);
    expect(text.match(/.* --> .*/g)).toEqual([
      '00:00:00,000 --> 00:00:03,000',
      '00:00:03,000 --> 00:00:04,000',
      '00:00:04,000 --> 00:00:06,000',
    ]);
  });
});

describe('WebVTT', () => {
  it('names who speaks as the voice', () => {
    expect(vtt(two)).toBe(
      'WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n<v Ben>Good morning.\n\n01:02:03.004 --> 01:02:05.000\n<v Ana>Buenos días.\n',
    );
  });

  it('escapes texts and names', () => {
    expect(vtt([line('1 < 2 && 3 --> 4', 0, 2000, 'A>B & <c>')])).toContain(
      '<v A&gt;B &amp; &lt;c&gt;>1 &lt; 2 &amp;&amp; 3 --&gt; 4\n',
    );
  });

  it('lets those who speak at once be read at once', () => {
    expect(vtt([line('one', 0, 5000), line('two', 3000, 6000, 'Ana')]).match(/.* --> .*/g)).toEqual([
      '00:00:00.000 --> 00:00:05.000',
      '00:00:03.000 --> 00:00:06.000',
    ]);
  });
});

describe('plain text', () => {
  it('is a line for each, with the time', () => {
    expect(txt(two)).toBe('[00:00:01] Ben: Good morning.\n[01:02:03] Ana: Buenos días.\n');
  });
});

describe.each([
  ['srt', srt],
  ['vtt', vtt],
  ['txt', txt],
])('%s', (_name, write) => {
  it('isolates the name where one of both runs from right to left', () => {
    expect(write([line('صباح الخير', 0, 2000, 'Ben')])).toMatch(/\u2068Ben\u2069: صباح الخير\n|<v Ben>صباح الخير\n/);
    expect(write([line('Good morning', 0, 2000, 'נועה')])).toMatch(
      /\u2068נועה\u2069: Good morning\n|<v נועה>Good morning\n/,
    );
  });

  it('takes nobody along in another direction', () => {
    expect(write([line('left\u202eright', 0, 2000, '\u2067Eve\u2066')])).toMatch(/(Eve: |<v Eve>)leftright\n/);
  });

  it('marks filtered translations, and leaves out entries without text', () => {
    const text = write([
      line('', 0, 2000, 'Ben', { contentFiltered: true }),
      line(' \n', 100, 2000),
      line('To here', 5000, 6000, 'Ben', { contentFiltered: true }),
    ]);
    expect(text.match(/\[not translated\]/g)).toHaveLength(2);
    expect(text).toMatch(/To here \[not translated\]\n/);
    expect(text.match(/Ben/g)).toHaveLength(2);
  });

  it('says who has no name nothing wrong', () => {
    expect(write([line('Hello', 0, 2000, '')])).toMatch(/(^|\n|\] )Hello\n$/);
  });
});

const nasty = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\n', '\r', '\u2028', '-->', '<', '>', '&', '{', 'ש', 'a', ' ', '1', '\u0000') }),
  fc.constant('2\n00:00:01,000 --> 00:00:02,000\nforged'),
);
const anyLine: fc.Arbitrary<TranscriptCue> = fc.record({
  speaker: fc.record({ id: fc.string(), name: nasty }),
  text: nasty,
  start: fc.double({ min: 0, max: 400_000, noNaN: true }),
  end: fc.double({ min: 0, max: 400_000, noNaN: true }),
});
const anyLines = fc.array(anyLine, { maxLength: 12 });

const msOf = (clock: string): number => {
  const [hours = 0, minutes = 0, seconds = 0, ms = 0] = clock.split(/[:,.]/).map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
};

/** As a strict reader takes it: blocks between empty lines, of a time and one line of text. */
function parsed(text: string, numbered: boolean): { start: number; end: number; text: string }[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block, index) => {
      const lines = block.replace(/\n$/, '').split(/\r|\n|\u2028|\u2029/);
      if (numbered) expect(lines.shift()).toBe(String(index + 1));
      expect(lines).toHaveLength(2);
      const [, start = '', end = ''] =
        /^(\d{2,}:\d\d:\d\d[,.]\d{3}) --> (\d{2,}:\d\d:\d\d[,.]\d{3})$/.exec(lines[0] ?? '') ?? [];
      expect(start).not.toBe('');
      expect(lines[1]).not.toContain('-->');
      return { start: msOf(start), end: msOf(end), text: lines[1] ?? '' };
    });
}

describe('whatever is said', () => {
  const seed = testSeed('transcript formats');

  it('SubRip has whole cues, one at a time, in order, long enough, and none too early', () => {
    fc.assert(
      fc.property(anyLines, (lines) => {
        const cues = parsed(srt(lines), true);
        const starts = lines.map(({ start }) => Math.round(start));
        let free = 0;
        for (const { start, end } of cues) {
          expect(start).toBeGreaterThanOrEqual(free);
          expect(start).toBeGreaterThanOrEqual(Math.min(...starts));
          expect(end - start).toBeGreaterThanOrEqual(SHORTEST_CUE_MS);
          free = end;
        }
      }),
      { seed },
    );
  });

  it('WebVTT has whole cues, in order, long enough, with no markup but the voice', () => {
    fc.assert(
      fc.property(anyLines, (lines) => {
        const text = vtt(lines);
        expect(text.startsWith('WEBVTT\n')).toBe(true);
        let before = 0;
        for (const cue of parsed(text.slice('WEBVTT\n\n'.length), false)) {
          expect(cue.start).toBeGreaterThanOrEqual(before);
          expect(cue.end - cue.start).toBeGreaterThanOrEqual(SHORTEST_CUE_MS);
          expect(cue.text).toMatch(/^(<v [^<>]+>)?[^<>]+$/);
          before = cue.start;
        }
      }),
      { seed },
    );
  });

  it('plain text has a line for each', () => {
    fc.assert(
      fc.property(anyLines, (lines) => {
        for (const each of txt(lines).split('\n').slice(0, -1))
          expect(each).toMatch(/^\[\d\d:\d\d:\d\d\] [^\r\u2028\u2029]+$/);
      }),
      { seed },
    );
  });
});
