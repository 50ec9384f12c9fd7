import { describe, expect, it } from 'vitest';
import { levelDb, rms } from '../../../audio/level.ts';
import { tone } from '../../support/sound.ts';

describe('levelDb', () => {
  it.each([
    { of: 'a sine at full scale', samples: tone(100, 1000, 16_000, 32_767), db: -3 },
    { of: 'a sine at a tenth of full scale', samples: tone(100, 1000, 16_000, 3277), db: -23 },
    { of: 'silence', samples: new Int16Array(320), db: -96 },
    { of: 'no samples', samples: new Int16Array(0), db: -96 },
  ])('is $db dB for $of', ({ samples, db }) => {
    expect(levelDb(samples)).toBeCloseTo(db, 0);
  });
});

describe('rms', () => {
  it('is the amplitude of a square wave', () => {
    expect(rms(Int16Array.of(300, -300, 300, -300))).toBe(300);
  });

  it('is 0 for no samples', () => {
    expect(rms(new Int16Array(0))).toBe(0);
  });
});
