/** Whether a browser's transport receives anything, by scripted statistics. */
import { describe, expect, it } from 'vitest';
import { watchSilence } from '../../../client-widget/media/silence-watch.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

type Pair = { id: string; bytesReceived?: number; responsesReceived?: number };

function setUp() {
  const clock = new FakeClock();
  const changes: boolean[] = [];
  let pairs: Pair[] = [{ id: 'a', bytesReceived: 0, responsesReceived: 1 }];
  const transport = {
    connectionState: 'connected' as const,
    getStats: async () => new Map(pairs.map((pair) => [pair.id, { type: 'candidate-pair', ...pair }])),
  };
  const end = watchSilence(transport, (isSilent) => changes.push(isSilent), clock);
  /** Seconds pass, and before each something may have been received. */
  const pass = async (seconds: number, receive: () => void = () => {}) => {
    for (let second = 0; second < seconds; second++) {
      receive();
      clock.advance(1_000);
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    }
  };
  const receives = (change: Partial<Pair>) => () => {
    pairs = pairs.map((pair) => ({
      ...pair,
      bytesReceived: (pair.bytesReceived ?? 0) + (change.bytesReceived ?? 0),
      responsesReceived: (pair.responsesReceived ?? 0) + (change.responsesReceived ?? 0),
    }));
  };
  return { changes, clock, end, pass, receives, setPairs: (next: Pair[]) => (pairs = next) };
}

describe('a transport', () => {
  it('is silent once nothing has been received for 3 s, and no longer when something is', async () => {
    const { changes, pass, receives } = setUp();
    await pass(10, receives({ bytesReceived: 100 }));
    await pass(2);
    expect(changes).toEqual([]);
    await pass(1);
    expect(changes).toEqual([true]);
    await pass(20);
    expect(changes).toEqual([true]);
    await pass(1, receives({ bytesReceived: 100 }));
    expect(changes).toEqual([true, false]);
  });

  it('on which nobody sends is not silent while the answers to checks arrive', async () => {
    const { changes, pass, receives } = setUp();
    let second = 0;
    await pass(30, () => {
      if (second++ % 3 === 0) receives({ responsesReceived: 1 })();
    });
    expect(changes).toEqual([]);
  });

  it('is no longer silent when another pair receives, whose counts are smaller', async () => {
    const { changes, pass, receives, setPairs } = setUp();
    await pass(5, receives({ bytesReceived: 1_000 }));
    await pass(3);
    setPairs([{ id: 'b', bytesReceived: 0, responsesReceived: 0 }]);
    await pass(2);
    expect(changes).toEqual([true]);
    setPairs([{ id: 'b', bytesReceived: 10, responsesReceived: 1 }]);
    await pass(1);
    expect(changes).toEqual([true, false]);
  });

  it('is not judged in a browser that does not count the answers', async () => {
    const { changes, pass, setPairs } = setUp();
    setPairs([{ id: 'a', bytesReceived: 1_000 }]);
    await pass(20);
    expect(changes).toEqual([]);
  });

  it('is not watched any more once that is ended', async () => {
    const { changes, clock, end, pass } = setUp();
    await pass(1);
    end();
    await pass(20);
    expect(changes).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
