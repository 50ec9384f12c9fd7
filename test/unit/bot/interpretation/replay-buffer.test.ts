import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ReplayBuffer, type SpeechChunk } from '../../../../bot/interpretation/replay-buffer.ts';

/** Sound that can be told from other: its first sample is its number. */
const sound = (number: number, ms = 100, isSpeech = true): SpeechChunk => {
  const samples = new Int16Array(ms * 16);
  samples[0] = number;
  return { samples, roomMs: number * 100, isSpeech };
};

class Sender {
  readonly buffer = new ReplayBuffer();

  pushes(from: number, to: number, ms = 100): void {
    for (let i = from; i < to; i++) this.buffer.push(sound(i, ms));
  }

  /** The numbers of what a session is sent; replayed chunks have a mark. */
  takes(count = Number.POSITIVE_INFINITY): string[] {
    const taken: string[] = [];
    for (let i = 0; i < count; i++) {
      const chunk = this.buffer.take();
      if (!chunk) break;
      taken.push(`${chunk.samples[0]}${chunk.replayed ? ' again' : ''}`);
    }
    return taken;
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`);
const again = (from: number, to: number) => range(from, to).map((number) => `${number} again`);

describe('ReplayBuffer', () => {
  let sender: Sender;
  beforeEach(() => {
    sender = new Sender();
  });

  it('returns speech once, in order, with its place in time', () => {
    expect([sender.buffer.isEmpty, sender.buffer.take()]).toEqual([true, undefined]);
    sender.pushes(0, 3);
    expect(sender.buffer.isEmpty).toBe(false);
    expect(sender.buffer.take()).toEqual({ ...sound(0), replayed: false });
    expect(sender.takes()).toEqual(['1', '2']);
    expect([sender.buffer.isEmpty, sender.buffer.sentMs]).toEqual([true, 300]);
  });

  it('replays what is not acknowledged to the next session, before what was never sent', () => {
    sender.pushes(0, 5);
    sender.takes(4);
    sender.buffer.acknowledge(200);
    sender.buffer.replay();
    expect(sender.buffer.sentMs).toBe(0);
    sender.pushes(5, 6);
    expect(sender.takes()).toEqual([...again(2, 4), '4', '5']);
  });

  it('replays it to a third session although the second was sent only a part of it', () => {
    sender.pushes(0, 4);
    sender.takes();
    sender.buffer.replay();
    expect(sender.takes(2)).toEqual(again(0, 2));
    sender.buffer.acknowledge(100);
    sender.buffer.replay();
    sender.pushes(4, 5);
    expect(sender.takes()).toEqual([...again(1, 4), '4']);
  });

  it('acknowledges in the session’s time, silence that was added included', () => {
    sender.pushes(0, 3);
    sender.takes(1);
    sender.buffer.silenceSent(16_000);
    sender.takes();
    expect(sender.buffer.sentMs).toBe(1300);
    sender.buffer.acknowledge(1199);
    sender.buffer.replay();
    expect(sender.takes()).toEqual(again(1, 3));
  });

  it('keeps a chunk that is acknowledged in part', () => {
    sender.pushes(0, 2);
    sender.takes();
    sender.buffer.acknowledge(99);
    sender.buffer.replay();
    expect(sender.takes()).toEqual(again(0, 2));
  });

  it('does not replay discarded speech, and sends what waits', () => {
    sender.pushes(0, 4);
    sender.takes();
    sender.buffer.replay();
    sender.takes(2);
    sender.buffer.discardSent();
    sender.buffer.replay();
    expect(sender.takes()).toEqual(again(2, 4));
  });

  it('keeps 20 s that were never sent, and drops and counts the oldest beyond', () => {
    sender.pushes(0, 205);
    expect(sender.buffer.droppedMs, 'while somebody hears it').toBe(0);
    sender.buffer.limitUnsent();
    expect(sender.buffer.droppedMs).toBe(500);
    expect(sender.takes()).toEqual(range(5, 205));
  });

  it('drops no speech that is to be replayed for speech that was never sent', () => {
    sender.pushes(0, 100);
    sender.takes();
    sender.buffer.replay();
    sender.pushes(100, 305);
    sender.buffer.limitUnsent();
    expect(sender.buffer.droppedMs).toBe(500);
    expect(sender.takes()).toEqual([...again(0, 100), ...range(105, 305)]);
  });

  it('keeps 60 s in all, and drops the oldest sent speech first', () => {
    for (let i = 0; i < 605; i++) {
      sender.pushes(i, i + 1);
      sender.takes();
    }
    expect(sender.buffer.droppedMs).toBe(0);
    sender.buffer.replay();
    expect(sender.takes()).toEqual(again(5, 605));
  });

  it('looks at nothing of the minute that it keeps when a chunk is pushed and sent', () => {
    let looks = 0;
    for (let i = 0; i < 590; i++) {
      const { samples, ...rest } = sound(i);
      const watched = {
        ...rest,
        get samples() {
          looks++;
          return samples;
        },
      };
      sender.buffer.push(watched);
      if (i < 300) sender.buffer.take();
    }
    looks = 0;
    sender.buffer.push(sound(590));
    sender.buffer.limitUnsent();
    sender.buffer.take();
    expect(sender.buffer.waitingMs).toBe(20_000 - 100);
    expect(looks).toBeLessThan(300);
    looks = 0;
    sender.buffer.push(sound(591));
    sender.buffer.take();
    expect(looks).toBeLessThan(10);
  });

  it('counts dropped speech that waited to be replayed, beyond 60 s', () => {
    for (let i = 0; i < 550; i++) {
      sender.pushes(i, i + 1);
      sender.takes();
    }
    sender.buffer.replay();
    sender.pushes(550, 610);
    expect(sender.buffer.droppedMs).toBe(1000);
    expect(sender.takes()).toEqual([...again(10, 550), ...range(550, 610)]);
  });

  it('sends all that is not acknowledged exactly once to each session, in order, whatever happens', () => {
    const step = fc.oneof(
      fc.record({ does: fc.constant('push' as const), count: fc.nat(4) }),
      fc.record({ does: fc.constant('take' as const), count: fc.nat(6) }),
      fc.record({ does: fc.constantFrom('pad', 'acknowledge', 'replay', 'discard'), count: fc.nat(5) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const another = new Sender();
        let pushed = 0;
        /** In its order: what the session has been sent and is not acknowledged, and what it is to be sent. */
        let sent: { number: number; endMs: number }[] = [];
        let due: number[] = [];
        const replayable = new Set<number>();
        let sentMs = 0;
        for (const { does, count } of steps) {
          if (does === 'push') {
            another.pushes(pushed, pushed + count);
            for (let i = 0; i < count; i++) due.push(pushed++);
          } else if (does === 'take') {
            const expected = due.splice(0, count);
            expect(another.takes(count)).toEqual(expected.map((n) => `${n}${replayable.has(n) ? ' again' : ''}`));
            for (const number of expected) {
              replayable.add(number);
              sentMs += 100;
              sent.push({ number, endMs: sentMs });
            }
          } else if (does === 'pad') {
            another.buffer.silenceSent(count * 1600);
            sentMs += count * 100;
          } else if (does === 'acknowledge') {
            another.buffer.acknowledge(sentMs - count * 100);
            sent = sent.filter(({ endMs }) => endMs > sentMs - count * 100);
          } else if (does === 'replay') {
            another.buffer.replay();
            due = [...sent.map(({ number }) => number), ...due];
            sent = [];
            sentMs = 0;
          } else {
            another.buffer.discardSent();
            sent = [];
          }
          expect([another.buffer.sentMs, another.buffer.isEmpty]).toEqual([sentMs, due.length === 0]);
        }
      }),
    );
  });

  describe('the first pause at which a service ends a segment', () => {
    const sends = (...parts: [number, 'speech' | 'pause'][]) => {
      for (const [ms, what] of parts) sender.buffer.push(sound(0, ms, what === 'speech'));
      sender.takes();
    };

    it('is the middle of 700 ms of silence after speech', () => {
      sends([400, 'pause'], [1000, 'speech'], [300, 'pause'], [400, 'pause'], [800, 'pause']);
      expect(sender.buffer.firstPause()).toBe(1400 + 350);
    });

    it('is not before speech, not shorter, and not in what was not sent', () => {
      sends([1000, 'pause'], [1000, 'speech'], [600, 'pause'], [1000, 'speech'], [600, 'pause']);
      expect(sender.buffer.firstPause()).toBeUndefined();
      sender.buffer.push(sound(0, 100, false));
      expect(sender.buffer.firstPause()).toBeUndefined();
      sender.takes();
      expect(sender.buffer.firstPause()).toBe(4300 - 350);
    });

    it('is the next one when the speech before it is acknowledged', () => {
      sends([1000, 'speech'], [700, 'pause'], [1000, 'speech'], [700, 'pause']);
      const first = sender.buffer.firstPause() ?? Number.NaN;
      expect(first).toBe(1350);
      sender.buffer.acknowledge(first);
      expect(sender.buffer.firstPause()).toBe(3050);
    });
  });
});
