import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { CaptionStream } from '../../../bot/caption-stream.ts';
import type { CaptionMessage } from '../../../bot/captions.ts';

const speaker = { id: 'ann', name: 'Ann' };

class Screen {
  readonly said: CaptionMessage[] = [];
  #utterances = 0;
  readonly stream = new CaptionStream({
    kind: 'translation',
    speaker,
    nextUtterance: () => `u${++this.#utterances}`,
    say: (caption) => this.said.push(caption),
  });

  says(
    segment: string,
    stable: string,
    tentative = '',
    final = false,
    of?: string,
    at = { start: 100, end: 200 },
  ): void {
    this.stream.update({ segment, stable, tentative, final }, at, of);
  }

  get texts() {
    return this.said.map(({ utterance, stable, tentative, final }) =>
      [utterance, stable, ...(tentative ? [`(${tentative})`] : []), ...(final ? ['.'] : [])].join(' '),
    );
  }
}

describe('CaptionStream', () => {
  let screen: Screen;
  beforeEach(() => {
    screen = new Screen();
  });

  it('makes each segment an utterance that grows and ends with one final', () => {
    screen.says('s1', '', 'hel');
    screen.says('s1', 'hello', ' wor');
    screen.says('s1', 'hello world', '', true);
    screen.says('s2', 'again', '', true);
    expect(screen.texts).toEqual(['u1  (hel)', 'u1 hello ( wor)', 'u1 hello world .', 'u2 again .']);
  });

  it('says when it was said and of what it is the translation', () => {
    screen.says('s1', 'hola', '', true, 'u-original', { start: 1200, end: 3400 });
    expect(screen.said).toEqual([
      {
        type: 'caption',
        utterance: 'u1',
        speaker,
        kind: 'translation',
        stable: 'hola',
        final: true,
        start: 1200,
        end: 3400,
        of: 'u-original',
      },
    ]);
  });

  it('says nothing twice', () => {
    screen.says('s1', 'hello', '');
    screen.says('s1', 'hello', '');
    screen.says('s1', 'hello', ' w');
    screen.says('s1', 'hello', ' w');
    expect(screen.said).toHaveLength(2);
  });

  it('says nothing of a segment in which nothing was heard', () => {
    screen.says('s1', '', '');
    screen.says('s1', '', '', true);
    screen.stream.finishAll(500);
    expect(screen.said).toEqual([]);
  });

  it('hears nothing more of a segment after its final', () => {
    screen.says('s1', 'hello', '', true);
    screen.says('s1', 'hello there', '', true);
    screen.says('s1', 'hello there', ' you');
    screen.stream.finishAll(500);
    expect(screen.texts).toEqual(['u1 hello .']);
  });

  it('ends what is open with what was shown of it when the session is over', () => {
    screen.says('s1', 'one', '', true);
    screen.says('s2', 'two', ' th');
    screen.says('s3', '', 'four');
    screen.stream.finishAll(900);
    screen.stream.finishAll(1000);
    expect(screen.texts.slice(3)).toEqual(['u2 two th .', 'u3 four .']);
    expect(screen.said.at(-1)).toMatchObject({ end: 900 });
  });

  it('tells the correction where the last word contradicts what was shown', () => {
    screen.says('s1', 'I scream', '');
    screen.says('s1', 'ice cream', '', true);
    expect(screen.said.at(-1)).toMatchObject({ stable: 'I scream', corrected: 'ice cream', final: true });
  });

  it('knows the utterance of a segment before and after its text, for the sound that belongs to it', () => {
    const early = screen.stream.utteranceOf('s1');
    screen.says('s1', 'hello', '', true, undefined, { start: 700, end: 800 });
    expect(screen.stream.utteranceOf('s1')).toBe(early);
    expect(screen.said[0]).toMatchObject({ utterance: early, start: 700 });
  });

  it('keeps the first start that was shown, and the first original that was named', () => {
    screen.says('s1', 'a', '', false, 'o1', { start: 100, end: 200 });
    screen.says('s1', 'ab', '', false, 'o2', { start: 300, end: 400 });
    screen.says('s1', 'abc', '', true, undefined, { start: 500, end: 600 });
    expect(screen.said.map(({ start, of }) => [start, of])).toEqual(Array(3).fill([100, 'o1']));
  });

  it('remembers the last 64 finished segments', () => {
    for (let i = 0; i < 64; i++) screen.says(`s${i}`, 'text', '', true);
    expect(screen.stream.utteranceOf('s0')).toBe('u1');
    screen.says('s64', 'text', '', true);
    expect(screen.stream.utteranceOf('s1')).toBe('u2');
    expect(screen.stream.utteranceOf('s0')).not.toBe('u1');
  });

  it('holds no more than 64 segments that never end: the oldest then ends with what was shown', () => {
    for (let i = 0; i < 70; i++) screen.says(`s${i}`, `text ${i}`);
    expect(screen.said.filter(({ final }) => final).map(({ stable }) => stable)).toEqual(
      Array.from({ length: 6 }, (_, i) => `text ${i}`),
    );
    screen.stream.finishAll(900);
    expect(screen.said.filter(({ final }) => final)).toHaveLength(70);
  });

  it('has exactly one final of each utterance shown, the last word on it, whatever the service says', () => {
    const segment = fc.constantFrom('a', 'b', 'c');
    const words = fc.constantFrom('', 'x', 'x y', 'z');
    const event = fc.record({ segment, stable: words, tentative: words, final: fc.boolean() });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const another = new Screen();
        for (const text of events) another.stream.update(text, { start: 0, end: 0 });
        another.stream.finishAll(0);
        for (const of of Map.groupBy(another.said, ({ utterance }) => utterance).values()) {
          expect(of.filter(({ final }) => final)).toEqual([of.at(-1)]);
          of.reduce((before, caption) => {
            expect(caption.stable.startsWith(before)).toBe(true);
            return caption.stable;
          }, '');
        }
      }),
    );
  });
});
