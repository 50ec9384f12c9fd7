import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ReplayBuffer, type SpeechChunk } from '../../../../bot/interpretation/replay-buffer.ts';

/** Sound that can be told from other: its first sample is its number. */
const sound = (number: number, ms = 100, voiced = true): SpeechChunk => {
  const samples = new Int16Array(ms * 16);
  samples[0] = number;
  return { samples, roomMs: number * 100, voiced };
};

class Desk {
  readonly spool = new ReplayBuffer();

  pushes(from: number, to: number, ms = 100): void {
    for (let i = from; i < to; i++) this.spool.push(sound(i, ms));
  }

  /** The numbers of what a session is sent; those that another had heard have a mark. */
  takes(count = Number.POSITIVE_INFINITY): string[] {
    const taken: string[] = [];
    for (let i = 0; i < count; i++) {
      const heard = this.spool.take();
      if (!heard) break;
      taken.push(`${heard.samples[0]}${heard.replayed ? ' again' : ''}`);
    }
    return taken;
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`);
const again = (from: number, to: number) => range(from, to).map((number) => `${number} again`);

describe('ReplayBuffer', () => {
  let desk: Desk;
  beforeEach(() => {
    desk = new Desk();
  });

  it('gives what was heard in its order, with its place in time, once', () => {
    expect([desk.spool.isEmpty, desk.spool.take()]).toEqual([true, undefined]);
    desk.pushes(0, 3);
    expect(desk.spool.isEmpty).toBe(false);
    expect(desk.spool.take()).toEqual({ ...sound(0), replayed: false });
    expect(desk.takes()).toEqual(['1', '2']);
    expect([desk.spool.isEmpty, desk.spool.sentMs]).toEqual([true, 300]);
  });

  it('says what is not settled again to the next session, before what nobody has heard', () => {
    desk.pushes(0, 5);
    desk.takes(4);
    desk.spool.acknowledge(200);
    desk.spool.replay();
    expect(desk.spool.sentMs).toBe(0);
    desk.pushes(5, 6);
    expect(desk.takes()).toEqual([...again(2, 4), '4', '5']);
  });

  it('says it again to a third, though the second had heard but a part of it', () => {
    desk.pushes(0, 4);
    desk.takes();
    desk.spool.replay();
    expect(desk.takes(2)).toEqual(again(0, 2));
    desk.spool.acknowledge(100);
    desk.spool.replay();
    desk.pushes(4, 5);
    expect(desk.takes()).toEqual([...again(1, 4), '4']);
  });

  it('settles in the time of what the session was sent, ours included', () => {
    desk.pushes(0, 3);
    desk.takes(1);
    desk.spool.silenceSent(16_000);
    desk.takes();
    expect(desk.spool.sentMs).toBe(1300);
    desk.spool.acknowledge(1199);
    desk.spool.replay();
    expect(desk.takes()).toEqual(again(1, 3));
  });

  it('keeps what is settled in part', () => {
    desk.pushes(0, 2);
    desk.takes();
    desk.spool.acknowledge(99);
    desk.spool.replay();
    expect(desk.takes()).toEqual(again(0, 2));
  });

  it('does not say again what is to be forgotten, and says what waits', () => {
    desk.pushes(0, 4);
    desk.takes();
    desk.spool.replay();
    desk.takes(2);
    desk.spool.discardSent();
    desk.spool.replay();
    expect(desk.takes()).toEqual(again(2, 4));
  });

  it('keeps 20 s that nobody has heard: more loses the oldest of it, and counts it', () => {
    desk.pushes(0, 205);
    expect(desk.spool.droppedMs, 'while somebody hears it').toBe(0);
    desk.spool.limitUnsent();
    expect(desk.spool.droppedMs).toBe(500);
    expect(desk.takes()).toEqual(range(5, 205));
  });

  it('loses none of what is to be said again for what nobody has heard', () => {
    desk.pushes(0, 100);
    desk.takes();
    desk.spool.replay();
    desk.pushes(100, 305);
    desk.spool.limitUnsent();
    expect(desk.spool.droppedMs).toBe(500);
    expect(desk.takes()).toEqual([...again(0, 100), ...range(105, 305)]);
  });

  it('keeps 60 s in all: what was sent first is not kept any longer', () => {
    for (let i = 0; i < 605; i++) {
      desk.pushes(i, i + 1);
      desk.takes();
    }
    expect(desk.spool.droppedMs).toBe(0);
    desk.spool.replay();
    expect(desk.takes()).toEqual(again(5, 605));
  });

  it('counts as lost what waited to be said again and is more than 60 s', () => {
    for (let i = 0; i < 550; i++) {
      desk.pushes(i, i + 1);
      desk.takes();
    }
    desk.spool.replay();
    desk.pushes(550, 610);
    expect(desk.spool.droppedMs).toBe(1000);
    expect(desk.takes()).toEqual([...again(10, 550), ...range(550, 610)]);
  });

  it('says all that is not settled exactly once to each session, in order, whatever happens', () => {
    const step = fc.oneof(
      fc.record({ does: fc.constant('push' as const), count: fc.nat(4) }),
      fc.record({ does: fc.constant('take' as const), count: fc.nat(6) }),
      fc.record({ does: fc.constantFrom('pad', 'settle', 'rewind', 'forget'), count: fc.nat(5) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const another = new Desk();
        let pushed = 0;
        /** In its order: what the session has been sent and is not settled, and what it is to be sent. */
        let sent: { number: number; endMs: number }[] = [];
        let due: number[] = [];
        const heard = new Set<number>();
        let sentMs = 0;
        for (const { does, count } of steps) {
          if (does === 'push') {
            another.pushes(pushed, pushed + count);
            for (let i = 0; i < count; i++) due.push(pushed++);
          } else if (does === 'take') {
            const expected = due.splice(0, count);
            expect(another.takes(count)).toEqual(expected.map((n) => `${n}${heard.has(n) ? ' again' : ''}`));
            for (const number of expected) {
              heard.add(number);
              sentMs += 100;
              sent.push({ number, endMs: sentMs });
            }
          } else if (does === 'pad') {
            another.spool.silenceSent(count * 1600);
            sentMs += count * 100;
          } else if (does === 'settle') {
            another.spool.acknowledge(sentMs - count * 100);
            sent = sent.filter(({ endMs }) => endMs > sentMs - count * 100);
          } else if (does === 'rewind') {
            another.spool.replay();
            due = [...sent.map(({ number }) => number), ...due];
            sent = [];
            sentMs = 0;
          } else {
            another.spool.discardSent();
            sent = [];
          }
          expect([another.spool.sentMs, another.spool.isEmpty]).toEqual([sentMs, due.length === 0]);
        }
      }),
    );
  });

  describe('the first pause at which a service ends a segment', () => {
    const sends = (...parts: [number, 'speech' | 'pause'][]) => {
      for (const [ms, what] of parts) desk.spool.push(sound(0, ms, what === 'speech'));
      desk.takes();
    };

    it('is after speech, 700 ms long, and named by its middle', () => {
      sends([400, 'pause'], [1000, 'speech'], [300, 'pause'], [400, 'pause'], [800, 'pause']);
      expect(desk.spool.firstPause()).toBe(1400 + 350);
    });

    it('is none before speech, none that is shorter, and none that was not sent', () => {
      sends([1000, 'pause'], [1000, 'speech'], [600, 'pause'], [1000, 'speech'], [600, 'pause']);
      expect(desk.spool.firstPause()).toBeUndefined();
      desk.spool.push(sound(0, 100, false));
      expect(desk.spool.firstPause()).toBeUndefined();
      desk.takes();
      expect(desk.spool.firstPause()).toBe(4300 - 350);
    });

    it('is another once what lies before it is settled', () => {
      sends([1000, 'speech'], [700, 'pause'], [1000, 'speech'], [700, 'pause']);
      const first = desk.spool.firstPause() ?? Number.NaN;
      expect(first).toBe(1350);
      desk.spool.acknowledge(first);
      expect(desk.spool.firstPause()).toBe(3050);
    });
  });
});
