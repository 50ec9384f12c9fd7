import { beforeEach, describe, expect, it } from 'vitest';
import { Mixdown } from '../../../cli/mixdown.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

/** A sample for each 10 ms. */
const RATE = 100;

describe('Mixdown', () => {
  let clock: FakeClock;
  let written: number[];
  let mixdown: Mixdown;
  beforeEach(() => {
    clock = new FakeClock();
    written = [];
    mixdown = new Mixdown(RATE, clock, (samples) => written.push(...samples));
  });
  const adds = (track: string, ...samples: number[]) => mixdown.add(track, Int16Array.from(samples));
  const all = () => {
    mixdown.close();
    return written;
  };

  it('keeps one track unchanged, in whatever parts it comes', () => {
    adds('a', 1, 2);
    clock.advance(90);
    adds('a', 3);
    adds('a', 4, 5);
    expect(all()).toEqual([1, 2, 3, 4, 5]);
  });

  it('adds a second track from the time of its first samples', () => {
    adds('a', 1, 1, 1, 1);
    clock.advance(20);
    adds('b', 10, 10, 10);
    expect(all()).toEqual([1, 1, 11, 11, 10]);
  });

  it('limits sums to the range of a sample', () => {
    adds('a', 30_000, -30_000);
    adds('b', 30_000, -30_000);
    expect(all()).toEqual([32_767, -32_767]);
  });

  it('writes samples after a second, and moves those that come later still', () => {
    adds('a', ...Array(10).fill(1));
    adds('b', 10);
    clock.advance(2000);
    adds('a', 1);
    expect(written).toEqual([11, ...Array(9).fill(1), 1]);
    adds('b', 10);
    expect(all()).toEqual([11, ...Array(9).fill(1), 1, 10]);
  });

  it('keeps ten seconds of a longer pause', () => {
    adds('a', 1);
    clock.advance(3_600_000);
    adds('b', 1);
    expect(all()).toHaveLength(1002);
  });
});
