import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingCaption } from '../../../../bot/captions/caption-channel.ts';
import { CaptionStream } from '../../../../bot/captions/caption-stream.ts';

const speaker = { id: 'ann', name: 'Ann' };

class Screen {
  readonly said: OutgoingCaption[] = [];
  #utterances = 0;
  readonly stream = new CaptionStream({
    kind: 'translation',
    speaker,
    nextUtterance: () => `u${++this.#utterances}`,
    nowMs: () => 0,
    onCaption: (caption) => this.said.push(caption),
  });

  says(
    segment: string,
    confirmed: string,
    tentative = '',
    final = false,
    of?: string,
    at = { startRoomMs: 100, endRoomMs: 200 },
  ): void {
    this.stream.update({ segment, confirmed, tentative, final }, at, of);
  }

  get finals() {
    return this.said.filter(({ final }) => final);
  }

  /** What remains to be read in the end. */
  get read() {
    return this.finals.map(({ stable, corrected }) => corrected ?? stable).join(' ');
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

  it('turns each segment into an utterance that grows and ends with one final', () => {
    screen.says('s1', '', 'hel');
    screen.says('s1', 'hello', ' wor');
    screen.says('s1', 'hello world', '', true);
    screen.says('s2', 'again', '', true);
    expect(screen.texts).toEqual(['u1  (hel)', 'u1 hello ( wor)', 'u1 hello world .', 'u2 again .']);
  });

  it('gives each caption its time and its source utterance', () => {
    screen.says('s1', 'hola', '', true, 'u-original', { startRoomMs: 1200, endRoomMs: 3400 });
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
        sourceUtterance: 'u-original',
      },
    ]);
  });

  it('emits no caption twice', () => {
    screen.says('s1', 'hello', '');
    screen.says('s1', 'hello', '');
    screen.says('s1', 'hello', ' w');
    screen.says('s1', 'hello', ' w');
    expect(screen.said).toHaveLength(2);
  });

  it('emits nothing for a segment without words', () => {
    screen.says('s1', '', '');
    screen.says('s1', '', '', true);
    screen.stream.finishAll(500);
    expect(screen.said).toEqual([]);
  });

  it('ignores texts of a segment after its final', () => {
    screen.says('s1', 'hello', '', true);
    screen.says('s1', 'hello there', '', true);
    screen.says('s1', 'hello there', ' you');
    screen.stream.finishAll(500);
    expect(screen.texts).toEqual(['u1 hello .']);
  });

  it('ends open utterances with what was shown when the session is over', () => {
    screen.says('s1', 'one', '', true);
    screen.says('s2', 'two', ' th');
    screen.says('s3', '', 'four');
    screen.stream.finishAll(900);
    screen.stream.finishAll(1000);
    expect(screen.texts.slice(3)).toEqual(['u2 two th .', 'u3 four .']);
    expect(screen.said.at(-1)).toMatchObject({ end: 900 });
  });

  it('reports a correction where the final text contradicts what was shown', () => {
    screen.says('s1', 'I scream', '');
    screen.says('s1', 'ice cream', '', true);
    expect(screen.said.at(-1)).toMatchObject({ stable: 'I scream', corrected: 'ice cream', final: true });
  });

  it('knows the utterance of a segment before and after its text, for its voice', () => {
    const early = screen.stream.utteranceOf('s1');
    screen.says('s1', 'hello', '', true, undefined, { startRoomMs: 700, endRoomMs: 800 });
    expect(screen.stream.utteranceOf('s1')).toBe(early);
    expect(screen.said[0]).toMatchObject({ utterance: early, start: 700 });
  });

  it('keeps the start that was shown first, and the source utterance that was named first', () => {
    screen.says('s1', 'a', '', false, 'o1', { startRoomMs: 100, endRoomMs: 200 });
    screen.says('s1', 'ab', '', false, 'o2', { startRoomMs: 300, endRoomMs: 400 });
    screen.says('s1', 'abc', '', true, undefined, { startRoomMs: 500, endRoomMs: 600 });
    expect(screen.said.map(({ start, sourceUtterance }) => [start, sourceUtterance])).toEqual(
      Array(3).fill([100, 'o1']),
    );
  });

  it('keeps the last 64 finished segments', () => {
    for (let i = 0; i < 64; i++) screen.says(`s${i}`, 'text', '', true);
    expect(screen.stream.utteranceOf('s0')).toBe('u1');
    screen.says('s64', 'text', '', true);
    expect(screen.stream.utteranceOf('s1')).toBe('u2');
    expect(screen.stream.utteranceOf('s0')).not.toBe('u1');
  });

  it('keeps 64 open segments, and ends the oldest beyond with what was shown', () => {
    for (let i = 0; i < 70; i++) screen.says(`s${i}`, `text ${i}`);
    expect(screen.said.filter(({ final }) => final).map(({ stable }) => stable)).toEqual(
      Array.from({ length: 6 }, (_, i) => `text ${i}`),
    );
    screen.stream.finishAll(900);
    expect(screen.said.filter(({ final }) => final)).toHaveLength(70);
  });

  describe('when speech is replayed to another session', () => {
    it('continues the open utterance', () => {
      screen.says('s1', 'hello', ' wor');
      screen.stream.restart();
      screen.says('t1', 'hello', '');
      screen.says('t1', 'hello world', '', true);
      expect(screen.texts).toEqual(['u1 hello ( wor)', 'u1 hello', 'u1 hello world .']);
    });

    it('shows the words of the other session where they differ', () => {
      screen.says('s1', 'hello', ' wor');
      screen.stream.restart();
      screen.says('t1', 'hi there', '', true);
      expect(screen.finals).toMatchObject([{ utterance: 'u1', stable: 'hello', corrected: 'hi there' }]);
    });

    it('skips words that had their final, and shows what follows in the same segment', () => {
      screen.says('s1', 'hello world', '', true);
      screen.stream.restart();
      screen.says('t1', 'Hello');
      screen.says('t1', 'Hello, world');
      screen.says('t1', 'Hello, world. And', ' you');
      expect(screen.texts.slice(1)).toEqual(['u2  (And you)']);
      screen.says('t1', 'Hello, world. And you?', '', true);
      expect(screen.read).toBe('hello world And you?');
    });

    it('shows new words, and none of a segment that only repeats', () => {
      screen.says('s1', 'one two', '', true);
      screen.says('s2', 'three four', '', true);
      screen.stream.restart();
      screen.says('t1', 'one two three', '', true);
      screen.says('t2', 'four', '', true);
      screen.says('t3', 'five', '', true);
      expect(screen.read).toBe('one two three four five');
    });

    it('recognizes new words although the last known word was worded differently', () => {
      screen.says('s1', 'we go home', '', true);
      screen.stream.restart();
      screen.says('t1', 'we go out', '', true);
      expect(screen.stream.replayCandidates('t2')).toEqual([]);
    });

    it('skips an utterance that comes in quite different words, and only that one', () => {
      screen.says('s1', 'a b c', '', true);
      screen.says('s2', 'd e f', '', true);
      screen.stream.restart();
      screen.says('t1', 'x y z');
      expect(screen.stream.replayCandidates('t1b')).toEqual(['u1']);
      screen.says('t1', 'x y z', '', true);
      expect(screen.stream.replayCandidates('t2')).toEqual(['u2']);
      screen.says('t2', 'd e f', '', true);
      expect(screen.read).toBe('a b c d e f x y z');
      expect(screen.stream.replayCandidates('t3')).toEqual([]);
    });

    it('continues words that it took for new, where the segment ended before them', () => {
      screen.says('s1', 'one two', '', true);
      screen.stream.restart();
      screen.says('t1', 'one', ' two three');
      screen.says('t1', 'one two', '', true);
      screen.says('t2', 'three four', '', true);
      expect(screen.texts.slice(1)).toEqual(['u2  (three)', 'u2 three four .']);
    });

    it('expects repetition until all known words were repeated', () => {
      screen.says('s1', 'one two', '', true);
      screen.says('s2', 'three', '', true);
      expect(screen.stream.replayCandidates('s3')).toEqual([]);
      screen.stream.restart();
      expect(screen.stream.replayCandidates('t1')).toEqual(['u1']);
      screen.says('t1', 'one two three', '', true);
      expect(screen.stream.replayCandidates('t1')).toEqual(['u1', 'u2']);
      expect(screen.stream.replayCandidates('t2')).toEqual([]);
    });

    it('takes nothing for repetition after more segments than it keeps', () => {
      screen.says('s1', 'one two', '', true);
      screen.stream.restart();
      screen.says('t0', 'one two', '', true);
      for (let i = 1; i <= 70; i++) {
        expect(screen.stream.replayCandidates(`t${i}`)).toEqual([]);
        screen.says(`t${i}`, `text ${i}`, '', true);
      }
      screen.stream.restart();
      expect(screen.stream.replayCandidates('v1')).toEqual(['u8']);
    });

    it('gives a new segment without text an utterance of its own', () => {
      screen.says('s1', 'one two', '', true);
      screen.stream.restart();
      screen.says('t1', 'one two', '', true);
      expect(screen.stream.utteranceOf('t1')).toBe('u1');
      const early = screen.stream.utteranceOf('t2');
      expect(early).not.toBe('u1');
      screen.says('t2', 'three', '', true);
      expect(screen.finals.at(-1)).toMatchObject({ utterance: early });
    });

    it('shows acknowledged words again if they are repeated', () => {
      screen.says('s1', 'one two', '', true);
      screen.says('s2', 'three four', '', true);
      screen.says('s3', 'five six', '', true);
      screen.stream.acknowledge('s2');
      screen.stream.restart();
      expect(screen.stream.replayCandidates('t1')).toEqual(['u3']);
      screen.says('t1', 'five six', '', true);
      screen.says('t2', 'one two', '', true);
      expect(screen.read).toBe('one two three four five six one two');
    });

    it('acknowledges no more known words than were repeated', () => {
      screen.says('s1', 'a b c d e f', '', true);
      screen.stream.restart();
      screen.says('t1', 'a b c d e', '', true);
      screen.stream.acknowledge('t1');
      screen.stream.restart();
      screen.says('v1', 'f g', '', true);
      expect(screen.read).toBe('a b c d e f g');
    });

    it('acknowledges all known words with a later segment without words', () => {
      screen.says('s1', 'one two', '', true);
      screen.stream.restart();
      screen.says('t1', 'one two', '', true);
      screen.says('t2', '', '', true);
      screen.stream.acknowledge('t2');
      screen.stream.restart();
      expect(screen.stream.replayCandidates('v1')).toEqual([]);
    });

    it('expects repetition of speech after what is acknowledged, although it had its final before', () => {
      screen.says('s1', 'one');
      screen.says('s2', 'two', '', true);
      screen.says('s1', 'one', '', true);
      screen.stream.acknowledge('s1');
      screen.stream.restart();
      screen.says('a', 'two three', '', true);
      expect(screen.read).toBe('two one three');
    });

    it('expects no repetition of filtered content', () => {
      screen.says('s1', 'one two', '', true);
      screen.says('s2', 'bad');
      screen.stream.contentFiltered(500);
      screen.stream.restart();
      expect(screen.stream.replayCandidates('t1')).toEqual([]);
      screen.says('t1', 'one', '', false);
      expect(screen.texts.slice(-2)).toEqual(['u2 bad .', 'u3 one']);
    });

    it('expects repetition of what was not yet repeated when the rest was filtered', () => {
      screen.says('s1', 'one two', '', true);
      screen.says('s2', 'three four', '', true);
      screen.stream.restart();
      screen.says('t1', 'one two', '', true);
      screen.stream.contentFiltered(500);
      screen.stream.restart();
      screen.says('v1', 'three four', '', true);
      expect(screen.read.trim()).toBe('one two three four');
    });

    it('ends an interrupted utterance that no segment continues', () => {
      screen.says('s1', 'one', ' two');
      screen.stream.restart();
      screen.stream.finishAll(700);
      expect(screen.finals).toMatchObject([{ utterance: 'u1', stable: 'one two', end: 700 }]);
    });
  });

  describe('when the service refuses content', () => {
    it('ends all open utterances, marked as filtered', () => {
      screen.says('s1', 'one', ' two');
      screen.says('s2', 'three');
      screen.stream.contentFiltered(300);
      expect(screen.finals).toMatchObject([
        { utterance: 'u1', stable: 'one two', contentFiltered: true, end: 300 },
        { utterance: 'u2', stable: 'three', contentFiltered: true },
      ]);
      screen.says('s1', 'one two three', '', true);
      expect(screen.finals).toHaveLength(2);
    });

    it('tells readers although nothing was shown', () => {
      screen.stream.contentFiltered(300);
      expect(screen.said).toMatchObject([
        { utterance: 'u1', stable: '', contentFiltered: true, final: true, end: 300 },
      ]);
    });

    it('does not mark what is said next', () => {
      screen.stream.contentFiltered(300);
      screen.says('s2', 'next', '', true);
      expect(screen.said.at(-1)).not.toHaveProperty('contentFiltered');
    });
  });

  describe('with any segmentation into segments and sessions', () => {
    const step = fc.record({
      /** Words that the segment grows by. */
      grows: fc.nat(4),
      tentative: fc.nat(2),
      next: fc.constantFrom('goes on', 'goes on', 'ends', 'ends', 'ends and settles', 'is lost'),
    });

    it('shows each word once, in order, in utterances that only grow and have one final', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
          const another = new Screen();
          const words = Array.from({ length: 300 }, (_, i) => `w${i}`);
          const speech = (from: number, to: number) => words.slice(from, to).join(' ');
          let settled = 0;
          let begin = 0;
          let at = 0;
          let heard = 0;
          let session = 0;
          const finish = () => another.says(`${session}:${begin}`, speech(begin, at), '', true);
          for (const { grows, tentative, next } of steps) {
            at += grows;
            heard = Math.max(heard, at + tentative);
            another.says(`${session}:${begin}`, speech(begin, at), ` ${speech(at, at + tentative)}`.trimEnd());
            if (next === 'is lost') {
              another.stream.restart();
              session++;
              at = settled;
            } else if (next !== 'goes on' && at > begin) {
              finish();
              if (next === 'ends and settles') {
                another.stream.acknowledge(`${session}:${begin}`);
                settled = at;
              }
            }
            if (next !== 'goes on') begin = at;
          }
          at = Math.max(at + 1, heard);
          finish();
          another.stream.finishAll(0);
          expect(another.read.split(' ').filter(Boolean)).toEqual(words.slice(0, at));
          expectOneFinalEach(another.said);
        }),
        { numRuns: 300 },
      );
    });

    it('emits one final for each utterance, for any texts, losses, acknowledgements and refusals', () => {
      const segment = fc.constantFrom('a', 'b', 'c');
      const words = fc.constantFrom('', 'x', 'x y', 'z', 'y z w');
      const says = fc.record({ does: fc.constant('says' as const), segment, words, more: words, final: fc.boolean() });
      const other = fc.record({ does: fc.constantFrom('restart', 'settle', 'refuse', 'names', 'finishes'), segment });
      fc.assert(
        fc.property(fc.array(fc.oneof({ weight: 3, arbitrary: says }, other), { maxLength: 40 }), (events) => {
          const another = new Screen();
          for (const event of events) {
            if ('words' in event) another.says(event.segment, event.words, event.more, event.final);
            else if (event.does === 'restart') another.stream.restart();
            else if (event.does === 'settle') another.stream.acknowledge(event.segment);
            else if (event.does === 'refuse') another.stream.contentFiltered(0);
            else if (event.does === 'names') another.stream.utteranceOf(event.segment);
            else another.stream.finishAll(0);
          }
          another.stream.finishAll(0);
          expectOneFinalEach(another.said);
        }),
        { numRuns: 300 },
      );
    });
  });

  it('emits exactly one final for each utterance, as its last caption, for any texts', () => {
    const segment = fc.constantFrom('a', 'b', 'c');
    const words = fc.constantFrom('', 'x', 'x y', 'z');
    const event = fc.record({ segment, confirmed: words, tentative: words, final: fc.boolean() });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const another = new Screen();
        for (const text of events) another.stream.update(text, { startRoomMs: 0, endRoomMs: 0 });
        another.stream.finishAll(0);
        expectOneFinalEach(another.said);
      }),
    );
  });

  describe('with a segment that does not end', () => {
    const sentence = 'We have seen this before, and here it comes again. ';
    const long = sentence.repeat(5);

    it('splits an utterance after a clause once it is 200 characters long', () => {
      for (const end of long.matchAll(/ /g)) screen.says('s1', long.slice(0, end.index));
      screen.says('s1', long.trim(), '', true);
      const finals = screen.said.filter(({ final }) => final).map(({ stable }) => stable);
      expect(finals.length).toBeGreaterThanOrEqual(2);
      expect(finals.join(' ')).toBe(long.trim());
      expect(finals[0]?.length).toBeGreaterThanOrEqual(200);
      expect(finals[0]).toMatch(/[.,]$/);
    });

    it('splits an utterance after a clause once it is 15 s long, and times each part', () => {
      screen.says('s1', 'So we begin, and', '', false, 'o1', { startRoomMs: 1000, endRoomMs: 3000 });
      screen.says('s1', 'So we begin, and go on for long, then', '', false, 'o1', {
        startRoomMs: 1000,
        endRoomMs: 17_000,
      });
      screen.says('s1', 'So we begin, and go on for long, then stop.', '', true, 'o1', {
        startRoomMs: 1000,
        endRoomMs: 19_000,
      });
      const [first, second] = screen.said.filter(({ final }) => final);
      expect(first).toMatchObject({ stable: 'So we begin, and go on for long,', start: 1000, sourceUtterance: 'o1' });
      expect(second).toMatchObject({ stable: 'then stop.', start: first?.end, sourceUtterance: 'o1' });
      expect(screen.stream.partCount('s1')).toBe(1);
      expect([0, 1, 2].map((part) => screen.stream.utteranceOf('s1', part))).toEqual([
        first?.utterance,
        second?.utterance,
        second?.utterance,
      ]);
    });

    it('takes nothing back that was shown beyond the split', () => {
      screen.says('s1', 'So we begin, and go', '', false, undefined, { startRoomMs: 1000, endRoomMs: 3000 });
      screen.says('s1', 'So we begin, and go', ' on', false, undefined, { startRoomMs: 1000, endRoomMs: 30_000 });
      expect(screen.said.filter(({ final }) => final)).toEqual([]);
    });

    it('recognizes what was split off although the final text words it differently', () => {
      screen.says('s1', 'So we begin here, and go on for long, then', '', false, undefined, {
        startRoomMs: 0,
        endRoomMs: 17_000,
      });
      screen.says('s1', 'So we start here, and go on for long, then stop.', '', true);
      expect(screen.said.filter(({ final }) => final).map(({ stable }) => stable)).toEqual([
        'So we begin here, and go on for long,',
        'then stop.',
      ]);
    });
  });
});

/** The last word on each, and what was stable stays. */
function expectOneFinalEach(said: readonly OutgoingCaption[]): void {
  for (const of of Map.groupBy(said, ({ utterance }) => utterance).values()) {
    expect(of.filter(({ final }) => final)).toEqual([of.at(-1)]);
    of.reduce((before, caption) => {
      expect(caption.stable.startsWith(before)).toBe(true);
      return caption.stable;
    }, '');
  }
}
