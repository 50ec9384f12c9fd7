import { describe, expect, it } from 'vitest';
import { Resampler, resample } from '../../../audio/resample.ts';
import { humanSpeech } from '../../../bench/support/speech.ts';
import { chunks, correlation, envelope, joined, pitch, tone } from '../../support/sound.ts';

const rates: [number, number][] = [
  [8000, 16_000],
  [16_000, 24_000],
  [22_050, 16_000],
  [44_100, 24_000],
  [48_000, 16_000],
  [48_000, 24_000],
];

describe('resample', () => {
  it.each(rates)('keeps pitch, length and level from %i to %i Hz', async (from, to) => {
    const sound = tone(440, 3000, from);
    const result = await resample(sound, from, to);
    expect(Math.abs(result.length - 3 * to)).toBeLessThanOrEqual(2);
    const middle = result.subarray(to / 2, 2.5 * to);
    expect(pitch(middle, to)).toBeCloseTo(440, -0.5);
    const [before = 0] = envelope(sound, from, 1000);
    const [after = 0] = envelope(middle, to, 1000);
    expect(after / before).toBeCloseTo(1, 1);
  });

  it('keeps the envelope of speech', async () => {
    const { samples } = humanSpeech('conf-onlyperson');
    const back = await resample(await resample(samples, 16_000, 24_000), 24_000, 16_000);
    expect(correlation(envelope(samples, 16_000), envelope(back, 16_000))).toBeGreaterThan(0.99);
  });

  it('filters frequencies that the new rate cannot represent', async () => {
    const [loudness = 0] = envelope(await resample(tone(11_000, 1000, 48_000), 48_000, 16_000), 16_000, 1000);
    expect(loudness).toBeLessThan(100);
  });

  it('does not wrap around at full level', async () => {
    const square = tone(300, 500, 16_000, 32_767).map((sample) => (sample >= 0 ? 32_767 : -32_768));
    const result = await resample(square, 16_000, 24_000);
    // Where the square is high, so is what became of it.
    for (const at of [2, 5, 8]) {
      const period = 24_000 / 300;
      expect(result[Math.round((at + 0.25) * period)]).toBeGreaterThan(30_000);
      expect(result[Math.round((at + 0.75) * period)]).toBeLessThan(-30_000);
    }
  });

  it('returns the same samples if the rates are equal, and no samples for none', async () => {
    const sound = tone(440, 100, 16_000);
    expect(await resample(sound, 16_000, 16_000)).toBe(sound);
    expect(await resample(new Int16Array(0), 16_000, 24_000)).toHaveLength(0);
  });

  it('resamples a single sample', async () => {
    expect((await resample(Int16Array.of(1000), 8000, 48_000)).length).toBeLessThanOrEqual(8);
  });

  it('resamples a recording that is longer than the memory of the converter, except for its last milliseconds', async () => {
    const result = await resample(tone(440, 60_000, 48_000), 48_000, 16_000);
    expect(Math.abs(result.length - 60 * 16_000)).toBeLessThanOrEqual(80);
    expect(pitch(result.subarray(59 * 16_000), 16_000)).toBeCloseTo(440, -0.5);
  });
});

describe('Resampler', () => {
  it.each([20, 7, 100])('has no seam between chunks of %i ms', async (ms) => {
    const resampler = await Resampler.create(48_000, 16_000);
    const sound = tone(440, 2000, 48_000);
    const parts = [...chunks(sound, 48 * ms)].map((part) => Int16Array.from(resampler.push(part)));
    resampler.close();
    const result = joined(parts);
    expect(Math.abs(result.length - 32_000)).toBeLessThan(1600);
    const middle = result.subarray(3200, 28_800);
    expect(pitch(middle, 16_000)).toBeCloseTo(440, -0.5);
    // A tone has no jumps: no sample is further from the last than its steepest.
    const steepest = 12_000 * 2 * Math.PI * (440 / 16_000);
    middle.reduce((before, sample) => {
      expect(Math.abs(sample - before)).toBeLessThan(1.1 * steepest);
      return sample;
    });
  });

  it('resamples two streams at once without mixing them', async () => {
    const [a, b] = [await Resampler.create(48_000, 16_000), await Resampler.create(48_000, 16_000)];
    const [high, low] = [tone(880, 1000, 48_000), tone(220, 1000, 48_000)];
    const [heardA, heardB]: [Int16Array[], Int16Array[]] = [[], []];
    for (let at = 0; at < 48_000; at += 960) {
      heardA.push(Int16Array.from(a.push(high.subarray(at, at + 960))));
      heardB.push(Int16Array.from(b.push(low.subarray(at, at + 960))));
    }
    a.close();
    b.close();
    expect(pitch(joined(heardA).subarray(1600), 16_000)).toBeCloseTo(880, -1);
    expect(pitch(joined(heardB).subarray(1600), 16_000)).toBeCloseTo(220, -1);
  });
});
