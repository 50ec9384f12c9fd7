import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TEMPO, NORMAL_RATE, nextPlayoutRate, type PlayoutRate } from '../../../../bot/playout/lag-controller.ts';

/** The pace after so many frames of the same delay. */
const paceAfter = (delayMs: number, frames: number, from: PlayoutRate = NORMAL_RATE): PlayoutRate => {
  let pace = from;
  for (let i = 0; i < frames; i++) pace = nextPlayoutRate(delayMs, pace);
  return pace;
};

describe('the lag governor', () => {
  it.each([0, 500, 1500, 1999])('leaves a delay of %i ms alone, however it came to be', (delayMs) => {
    expect(paceAfter(delayMs, 100)).toEqual(NORMAL_RATE);
    expect(nextPlayoutRate(delayMs, { trimsPauses: true, tempo: MAX_TEMPO })).toEqual(NORMAL_RATE);
  });

  it('trims pauses first', () => {
    expect(paceAfter(2120, 500)).toEqual({ trimsPauses: true, tempo: 1 });
  });

  it('then says it faster, up to 1.2', () => {
    const { tempo } = paceAfter(2300, 500);
    expect(tempo).toBeGreaterThan(1.05);
    expect(tempo).toBeLessThan(1.19);
    expect(paceAfter(2400, 500).tempo).toBeCloseTo(1.2, 10);
    expect(paceAfter(100_000, 5000).tempo).toBeCloseTo(1.2, 10);
  });

  it('glides from one tempo to another', () => {
    expect(paceAfter(8000, 10).tempo).toBeLessThan(1.1);
    expect(paceAfter(8000, 25).tempo).toBeCloseTo(1.2, 10);
    const slower = nextPlayoutRate(2150, { trimsPauses: true, tempo: 1.2 });
    expect(slower.tempo).toBeCloseTo(1.192, 10);
  });

  it('does not flap where the delay trembles around a threshold', () => {
    let pace = NORMAL_RATE;
    let changes = 0;
    for (let i = 0; i < 1000; i++) {
      const next = nextPlayoutRate(2100 + (i % 2 === 0 ? 40 : -40), pace);
      if (next.trimsPauses !== pace.trimsPauses) changes++;
      pace = next;
    }
    expect(changes).toBe(1);
  });

  it('never leaves 1 to 1.2, and never says faster what it does not trim', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 20_000, noNaN: true }), { maxLength: 200 }), (delays) => {
        let pace = NORMAL_RATE;
        for (const delayMs of delays) {
          pace = nextPlayoutRate(delayMs, pace);
          expect(pace.tempo).toBeGreaterThanOrEqual(1);
          expect(pace.tempo).toBeLessThanOrEqual(MAX_TEMPO + 1e-9);
          if (pace.tempo > 1) expect(pace.trimsPauses).toBe(true);
        }
      }),
    );
  });
});
