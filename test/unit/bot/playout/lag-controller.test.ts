import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TEMPO, NORMAL_RATE, nextPlayoutRate, type PlayoutRate } from '../../../../bot/playout/lag-controller.ts';

/** The rate after so many frames of the same delay. */
const paceAfter = (delayMs: number, frames: number, from: PlayoutRate = NORMAL_RATE): PlayoutRate => {
  let rate = from;
  for (let i = 0; i < frames; i++) rate = nextPlayoutRate(delayMs, rate);
  return rate;
};

describe('nextPlayoutRate', () => {
  it.each([0, 500, 1500, 1999])(
    'leaves the sound as it is at a delay of %i ms, whatever the rate before',
    (delayMs) => {
      expect(paceAfter(delayMs, 100)).toEqual(NORMAL_RATE);
      expect(nextPlayoutRate(delayMs, { trimsPauses: true, tempo: MAX_TEMPO })).toEqual(NORMAL_RATE);
    },
  );

  it('trims pauses first', () => {
    expect(paceAfter(2120, 500)).toEqual({ trimsPauses: true, tempo: 1 });
  });

  it('then raises the tempo, up to 1.2', () => {
    const { tempo } = paceAfter(2300, 500);
    expect(tempo).toBeGreaterThan(1.05);
    expect(tempo).toBeLessThan(1.19);
    expect(paceAfter(2400, 500).tempo).toBeCloseTo(1.2, 10);
    expect(paceAfter(100_000, 5000).tempo).toBeCloseTo(1.2, 10);
  });

  it('changes the tempo gradually', () => {
    expect(paceAfter(8000, 10).tempo).toBeLessThan(1.1);
    expect(paceAfter(8000, 25).tempo).toBeCloseTo(1.2, 10);
    const slower = nextPlayoutRate(2150, { trimsPauses: true, tempo: 1.2 });
    expect(slower.tempo).toBeCloseTo(1.192, 10);
  });

  it('does not oscillate while the delay varies around a threshold', () => {
    let rate = NORMAL_RATE;
    let changes = 0;
    for (let i = 0; i < 1000; i++) {
      const next = nextPlayoutRate(2100 + (i % 2 === 0 ? 40 : -40), rate);
      if (next.trimsPauses !== rate.trimsPauses) changes++;
      rate = next;
    }
    expect(changes).toBe(1);
  });

  it('keeps the tempo between 1 and 1.2, and raises it only while pauses are trimmed', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 20_000, noNaN: true }), { maxLength: 200 }), (delays) => {
        let rate = NORMAL_RATE;
        for (const delayMs of delays) {
          rate = nextPlayoutRate(delayMs, rate);
          expect(rate.tempo).toBeGreaterThanOrEqual(1);
          expect(rate.tempo).toBeLessThanOrEqual(MAX_TEMPO + 1e-9);
          if (rate.tempo > 1) expect(rate.trimsPauses).toBe(true);
        }
      }),
    );
  });
});
