import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TEMPO, nextPace, type Pace, UNHURRIED } from '../../../../bot/playout/playout-rate-controller.ts';

/** The pace after so many frames of the same delay. */
const paceAfter = (delayMs: number, frames: number, from: Pace = UNHURRIED): Pace => {
  let pace = from;
  for (let i = 0; i < frames; i++) pace = nextPace(delayMs, pace);
  return pace;
};

describe('the lag governor', () => {
  it.each([0, 500, 1500, 1999])('leaves a delay of %i ms alone, however it came to be', (delayMs) => {
    expect(paceAfter(delayMs, 100)).toEqual(UNHURRIED);
    expect(nextPace(delayMs, { trimsPauses: true, tempo: MAX_TEMPO })).toEqual(UNHURRIED);
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
    const slower = nextPace(2150, { trimsPauses: true, tempo: 1.2 });
    expect(slower.tempo).toBeCloseTo(1.192, 10);
  });

  it('does not flap where the delay trembles around a threshold', () => {
    let pace = UNHURRIED;
    let changes = 0;
    for (let i = 0; i < 1000; i++) {
      const next = nextPace(2100 + (i % 2 === 0 ? 40 : -40), pace);
      if (next.trimsPauses !== pace.trimsPauses) changes++;
      pace = next;
    }
    expect(changes).toBe(1);
  });

  it('never leaves 1 to 1.2, and never says faster what it does not trim', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 20_000, noNaN: true }), { maxLength: 200 }), (delays) => {
        let pace = UNHURRIED;
        for (const delayMs of delays) {
          pace = nextPace(delayMs, pace);
          expect(pace.tempo).toBeGreaterThanOrEqual(1);
          expect(pace.tempo).toBeLessThanOrEqual(MAX_TEMPO + 1e-9);
          if (pace.tempo > 1) expect(pace.trimsPauses).toBe(true);
        }
      }),
    );
  });
});
