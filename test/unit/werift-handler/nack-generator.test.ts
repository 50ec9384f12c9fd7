import { describe, expect, it } from 'vitest';
import { NackGenerator } from '../../../werift-handler/nack-generator.ts';

const times = { firstAfterMs: 10, againAfterMs: 20, attempts: 3 };

/** Packets that arrive at their moments, and what is asked for at each moment until `untilMs`. */
function nacked(arrivals: readonly (readonly [atMs: number, sequenceNumber: number])[], untilMs = 200) {
  const missing = new NackGenerator(times);
  const found: [number, number[]][] = [];
  for (let now = 0; now <= untilMs; now++) {
    for (const [atMs, sequenceNumber] of arrivals) if (atMs === now) missing.push(sequenceNumber, now);
    if ((missing.deadline ?? Number.POSITIVE_INFINITY) > now) continue;
    found.push([now, missing.takeDue(now)]);
  }
  expect(missing.deadline).toBeUndefined();
  return found;
}

describe('NackGenerator', () => {
  it('requests a missing packet soon after the gap is seen, and a few times more', () => {
    expect(
      nacked([
        [0, 1],
        [40, 3],
      ]),
    ).toEqual([
      [50, [2]],
      [70, [2]],
      [90, [2]],
    ]);
  });

  it('does not request a packet that was only reordered', () => {
    const arrivals = [
      [0, 1],
      [20, 3],
      [29, 2],
    ] as const;
    expect(nacked(arrivals)).toEqual([]);
  });

  it('does not request a packet again once it has arrived, nor if it arrives twice', () => {
    const arrivals = [
      [0, 1],
      [20, 4],
      [35, 2],
      [36, 2],
      [36, 1],
    ] as const;
    expect(nacked(arrivals)).toEqual([
      [30, [2, 3]],
      [50, [3]],
      [70, [3]],
    ]);
  });

  it('finds missing packets across the wrap of sequence numbers', () => {
    const arrivals = [
      [0, 65_534],
      [20, 1],
    ] as const;
    expect(nacked(arrivals)[0]).toEqual([30, [65_535, 0]]);
  });

  it('finds nothing missing before the first packet, nor after a jump, which is a new stream', () => {
    const arrivals = [
      [0, 30_000],
      [5, 30_002],
      [10, 40_000],
      [30, 40_002],
    ] as const;
    expect(nacked(arrivals).map(([, lost]) => lost)).toEqual([[40_001], [40_001], [40_001]]);
  });

  it('never has more than a hundred missing packets, whatever arrives', () => {
    const missing = new NackGenerator(times);
    for (let n = 0; n < 5000; n += 50) missing.push(n, 0);
    expect(missing.takeDue(10)).toHaveLength(100);
    expect(missing.takeDue(10)).toHaveLength(0);
  });
});
