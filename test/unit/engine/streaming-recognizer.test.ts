import { describe, expect, it } from 'vitest';
import { OnsetDetector } from '../../../engine/offline/onset-detector.ts';
import { StablePrefix } from '../../../engine/offline/stable-prefix.ts';
import type { Recognition, RecognitionResult, RecognizedSegment } from '../../../engine/offline/stages.ts';
import { SampleQueue, StreamingRecognizer } from '../../../engine/offline/streaming-recognizer.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

describe('words that will hardly change any more', () => {
  const words = (text: string): string[] => text.split(' ');
  const split = (prefix: StablePrefix, text: string, nowMs: number): string => {
    const { stable, tentative } = prefix.update(words(text), nowMs);
    return `${stable.join(' ')}|${tentative.join(' ')}`;
  };

  it('are those that stood for half a second and have three others after them', () => {
    const prefix = new StablePrefix();
    expect(split(prefix, 'you have been put', 0)).toBe('|you have been put');
    expect(split(prefix, 'you have been put', 499)).toBe('|you have been put');
    expect(split(prefix, 'you have been put', 500)).toBe('you|have been put');
    expect(split(prefix, 'you have been put through', 600)).toBe('you have|been put through');
  });

  it('have to stand anew once a word before them changed', () => {
    const prefix = new StablePrefix();
    split(prefix, 'a b c d', 0);
    split(prefix, 'x b c d', 400);
    expect(split(prefix, 'x b c d', 600)).toBe('|x b c d');
    expect(split(prefix, 'x b c d', 900)).toBe('x|b c d');
  });

  it('stay, even where the recogniser takes them back', () => {
    const prefix = new StablePrefix();
    split(prefix, 'a b c d', 0);
    expect(split(prefix, 'a b c d', 500)).toBe('a|b c d');
    expect(split(prefix, 'x y', 600)).toBe('a|y');
    expect(split(prefix, '', 700)).toBe('a|');
  });

  it('belong to their segment', () => {
    const prefix = new StablePrefix();
    split(prefix, 'a b c d', 0);
    split(prefix, 'a b c d', 500);
    prefix.reset();
    expect(split(prefix, 'a b c d', 600)).toBe('|a b c d');
  });
});

describe('audio that waits', () => {
  it('comes out in order, in pieces of any length', () => {
    const backlog = new SampleQueue(100);
    backlog.push(Int16Array.of(1, 2, 3));
    backlog.push(Int16Array.of(4, 5));
    expect([...backlog.take(2)]).toEqual([1, 2]);
    expect([...backlog.take(2)]).toEqual([3, 4]);
    expect([...backlog.take(9)]).toEqual([5]);
    expect([...backlog.take(9)]).toEqual([]);
  });

  it('never is more than its bound', () => {
    const backlog = new SampleQueue(4);
    expect(backlog.push(new Int16Array(3))).toBe(true);
    expect(backlog.push(new Int16Array(2))).toBe(false);
    expect(backlog.push(new Int16Array(1))).toBe(true);
    expect(backlog.take(9)).toHaveLength(4);
    expect(backlog.push(new Int16Array(4))).toBe(true);
  });
});

describe('when speech began', () => {
  const noise = (ms: number, loud: number): Int16Array =>
    Int16Array.from({ length: ms * 16 }, (_, i) => (i % 2 === 0 ? loud : -loud));

  it('is the end of the quiet before it, whatever the pieces it came in', () => {
    const onset = new OnsetDetector();
    const all = Int16Array.from([...noise(1000, 20), ...noise(500, 2000)]);
    for (let at = 0; at < all.length; at += 700) onset.push(all.subarray(at, at + 700));
    expect(onset.atMs).toBe(1000);
  });

  it('is not moved by a pause between words', () => {
    const onset = new OnsetDetector();
    for (const piece of [noise(400, 20), noise(300, 2000), noise(200, 20), noise(300, 2000)]) onset.push(piece);
    expect(onset.atMs).toBe(400);
  });

  it('is found in steady noise', () => {
    const onset = new OnsetDetector();
    for (const piece of [noise(2000, 400), noise(500, 4000)]) onset.push(piece);
    expect(onset.atMs).toBe(2000);
  });
});

describe('following a speaker', () => {
  const segment = (text: string, endMs: number, confidence = 1): RecognizedSegment => ({
    ended: true,
    words: text.split(' ').filter(Boolean),
    confidence,
    endMs,
  });
  const nothing: RecognitionResult = { ended: false, words: [] };

  /** A recogniser that answers as scripted, and notes how much it heard at once. */
  function listening(
    answers: (RecognitionResult | Error)[],
    final: RecognitionResult = segment('', 0),
    clock?: FakeClock,
  ) {
    const told: unknown[][] = [];
    const heard: number[] = [];
    let opened = 0;
    let closed = 0;
    const recognition: Recognition = {
      async push(samples) {
        heard.push(samples.length);
        const answer = answers.shift() ?? nothing;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      finish: async () => final,
      close: () => closed++,
    };
    const subject = new StreamingRecognizer({
      clock,
      recognizer: {
        async open() {
          opened++;
          return recognition;
        },
        close() {},
      },
      listener: {
        started: (atMs) => told.push(['began', atMs]),
        changed: ({ stable, tentative }) => told.push(['changed', stable.join(' '), tentative.join(' ')]),
        ended: (words, atMs) => told.push(['ended', words.join(' '), atMs]),
        failed: (error) => told.push(['failed', (error as Error).message]),
      },
    });
    return {
      subject,
      told,
      heard,
      get opened() {
        return opened;
      },
      get closed() {
        return closed;
      },
    };
  }

  const second = new Int16Array(16_000);

  it('tells a segment from its first words to its last, and each change once', async () => {
    const { subject, told } = listening([
      nothing,
      { ended: false, words: ['you'] },
      { ended: false, words: ['you'] },
      { ended: false, words: ['you', 'have'] },
      segment('you have', 640),
    ]);
    subject.push(second);
    await subject.finish();
    expect(told).toEqual([
      ['began', 0],
      ['changed', '', 'you'],
      ['changed', '', 'you have'],
      ['ended', 'you have', 640],
    ]);
  });

  it('tells at the end what had no end yet', async () => {
    const { subject, told } = listening([], segment('bye', 400));
    subject.push(second);
    await subject.finish();
    expect(told).toEqual([
      ['began', 0],
      ['ended', 'bye', 400],
    ]);
  });

  it('begins a segment that follows without a pause where the last one ended', async () => {
    const { subject, told } = listening([segment('on and', 640), { ended: false, words: ['on'] }], segment('on', 1000));
    subject.push(second);
    await subject.finish();
    expect(told.filter(([what]) => what !== 'changed')).toEqual([
      ['began', 0],
      ['ended', 'on and', 640],
      ['began', 640],
      ['ended', 'on', 1000],
    ]);
  });

  it('says nothing of a word that noise was taken for', async () => {
    const { subject, told } = listening([segment('if', 400, 0.4)]);
    subject.push(second);
    await subject.finish();
    expect(told).toEqual([]);
  });

  it('takes back words that were none in the end', async () => {
    const { subject, told } = listening([{ ended: false, words: ['huh'] }, segment('', 0)]);
    subject.push(second);
    await subject.finish();
    expect(told.map(([what]) => what)).toEqual(['began', 'changed', 'ended']);
  });

  it('hears at most a fifth of a second at once, so that words are seen soon', async () => {
    const { subject, heard } = listening([]);
    subject.push(second);
    await subject.finish();
    expect(heard).toEqual([3200, 3200, 3200, 3200, 3200]);
  });

  it('refuses what is more than 30 s ahead, and takes more when there is room', async () => {
    const { subject, heard } = listening([]);
    for (let i = 0; i < 30; i++) expect(subject.push(second)).toBe(true);
    // The first piece is being heard, and waits no longer.
    expect(subject.push(second)).toBe(false);
    await subject.finish();
    expect(subject.push(second)).toBe(true);
    await subject.finish();
    expect(heard.reduce((sum, samples) => sum + samples, 0)).toBe(31 * 16_000);
  });

  it('goes on with another recogniser when one fails, and counts time on', async () => {
    const bench = listening([{ ended: false, words: ['lost'] }, new Error('broken'), segment('next', 100)]);
    bench.subject.push(new Int16Array(3 * 3200));
    await bench.subject.finish();
    expect(bench.told).toEqual([
      ['began', 0],
      ['changed', '', 'lost'],
      ['failed', 'broken'],
      ['began', 0],
      ['ended', 'next', 500],
    ]);
    expect([bench.opened, bench.closed]).toEqual([2, 1]);
  });

  it('takes a new recogniser after three minutes, once nobody has spoken for a while, and gives it what the old one may not have read', async () => {
    const fourMinutes = 4 * 300;
    const speaking = Array.from({ length: fourMinutes }, () => ({ ended: false, words: ['on'] }) as const);
    const said = segment('on', 240_200);
    const bench = listening([...speaking, said, nothing, nothing, nothing, segment('next', 700)]);
    const hears = async (calls: number) => {
      for (let i = 0; i < calls; i++) {
        bench.subject.push(new Int16Array(3200));
        await bench.subject.idle();
      }
    };
    await hears(fourMinutes + 3);
    expect(bench.closed, 'a pause of 0.4 s').toBe(0);
    await hears(1);
    expect([bench.opened, bench.closed]).toEqual([1, 1]);
    await hears(1);
    expect([bench.opened, bench.closed]).toEqual([2, 1]);
    expect(bench.heard.slice(-2), 'the last half second again').toEqual([3200, 3200 + 8000]);
    expect(bench.told.at(-1)).toEqual(['ended', 'next', 240_800 - 500 + 700]);
  });

  it('takes a new recogniser after ten minutes where nobody ever pauses', async () => {
    const tenMinutes = 10 * 300;
    const bench = listening(Array.from({ length: tenMinutes }, (_, i) => segment('on', (i + 1) * 200)));
    const hears = async (calls: number) => {
      for (let i = 0; i < calls; i++) {
        bench.subject.push(new Int16Array(3200));
        await bench.subject.idle();
      }
    };
    await hears(tenMinutes - 1);
    expect(bench.closed).toBe(0);
    await hears(1);
    expect(bench.closed).toBe(1);
  });

  it('keeps no recogniser while nobody speaks, and counts time on', async () => {
    const clock = new FakeClock();
    const bench = listening([segment('one', 100), segment('two', 100)], segment('', 0), clock);
    bench.subject.push(second.subarray(0, 3200));
    await bench.subject.idle();
    clock.advance(9000);
    expect(bench.closed).toBe(0);
    clock.advance(2000);
    expect(bench.closed).toBe(1);
    bench.subject.push(second.subarray(0, 3200));
    await bench.subject.idle();
    expect(bench.told.at(-1)).toEqual(['ended', 'two', 300]);
    expect(bench.opened).toBe(2);
    bench.subject.close();
    expect([bench.closed, clock.pending]).toEqual([2, 0]);
  });

  it('keeps the recogniser of a segment that has not ended, however long nothing is sent', async () => {
    const clock = new FakeClock();
    const bench = listening([{ ended: false, words: ['well'] }], segment('well', 100), clock);
    bench.subject.push(second.subarray(0, 3200));
    await bench.subject.idle();
    clock.advance(60_000);
    expect(bench.closed).toBe(0);
    await bench.subject.finish();
    expect(bench.told.at(-1)).toEqual(['ended', 'well', 100]);
    bench.subject.close();
    expect(clock.pending).toBe(0);
  });

  it('says nothing once it is closed', async () => {
    const bench = listening([segment('late', 100)]);
    bench.subject.push(second);
    while (bench.opened === 0) await Promise.resolve();
    bench.subject.close();
    await bench.subject.finish();
    expect(bench.told).toEqual([]);
    expect(bench.closed).toBeGreaterThan(0);
  });
});
