import { beforeAll, describe, expect, it } from 'vitest';
import { resample } from '../../../../audio/resample.ts';
import { humanSpeech } from '../../../../bench/support/speech.ts';
import { crossfade, omitPeriod, type PeriodOmission, STRETCH_LOOKAHEAD } from '../../../../bot/playout/time-stretch.ts';
import { joined, tone } from '../../../support/sound.ts';

const RATE = 24_000;

const omitted = (head: Int16Array): PeriodOmission => {
  const omission = omitPeriod(head);
  if (!omission) throw new Error('nothing was omitted');
  return omission;
};

const largestStep = (samples: Int16Array): number =>
  samples.reduce((most, sample, i) => (i === 0 ? 0 : Math.max(most, Math.abs(sample - (samples[i - 1] ?? 0)))), 0);

describe('omitPeriod', () => {
  it.each([80, 120, 205, 330, 1000, 2700])(
    'omits whole periods of a tone of %i Hz, with an inaudible join',
    (hertz) => {
      const head = tone(hertz, 100, RATE);
      const { replacedSamples: takes, replacement: gives, difference } = omitted(head);
      const periods = (takes - gives.length) / (RATE / hertz);
      expect(Math.abs(periods - Math.round(periods)) * (RATE / hertz)).toBeLessThanOrEqual(1);
      expect(difference).toBeLessThan(0.15);
      expect(largestStep(joined([gives, head.subarray(takes)]))).toBeLessThanOrEqual(largestStep(head) * 1.05);
    },
  );

  it('omits between 2.5 and 15 ms', () => {
    for (const hertz of [67, 400, 3500]) {
      const { replacedSamples: takes, replacement: gives } = omitted(tone(hertz, 100, RATE));
      expect(takes).toBe(2 * gives.length);
      expect(gives.length).toBeGreaterThanOrEqual(60);
      expect(gives.length).toBeLessThanOrEqual(360);
    }
  });

  it('needs 30 ms of sound', () => {
    const head = tone(150, 100, RATE);
    expect(omitPeriod(head.subarray(0, STRETCH_LOOKAHEAD - 1))).toBeUndefined();
    expect(omitPeriod(head.subarray(0, STRETCH_LOOKAHEAD))).toBeDefined();
  });

  it('reports that the periods of noise differ', () => {
    let seed = 1;
    const noise = Int16Array.from({ length: 1000 }, () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return (seed >> 15) - 32_768;
    });
    expect(omitted(noise).difference).toBeGreaterThan(0.35);
    expect(omitted(tone(150, 100, RATE)).difference).toBeLessThan(0.05);
  });

  it('omits silence without harm', () => {
    const { replacement: gives, difference } = omitted(new Int16Array(STRETCH_LOOKAHEAD));
    expect(gives.every((sample) => sample === 0)).toBe(true);
    expect(difference).toBe(0);
  });

  describe('of human speech', () => {
    let speech: Int16Array;
    beforeAll(async () => {
      const { samples, sampleRate } = humanSpeech('basic-pbx-ivr-main');
      speech = await resample(samples, sampleRate, RATE);
    });

    it('bounds every step at the joins by the steps that were there and the difference of the periods', () => {
      for (let at = RATE; at + 2000 < speech.length; at += 777) {
        const head = speech.subarray(at, at + 1000);
        const { replacedSamples: takes, replacement: gives } = omitted(head);
        const period = gives.length;
        const apart = Math.max(...gives.map((_, i) => Math.abs((head[i] ?? 0) - (head[i + period] ?? 0))));
        const before = speech.subarray(at - 1, at + takes + 1);
        const after = joined([speech.subarray(at - 1, at), gives, speech.subarray(at + takes, at + takes + 1)]);
        expect(largestStep(after)).toBeLessThanOrEqual(largestStep(before) + apart / period + 2);
      }
    });
  });
});

describe('crossfade', () => {
  it('starts as the first and ends as the second', () => {
    expect([...crossfade(new Int16Array(4).fill(100), new Int16Array(4).fill(200))]).toEqual([100, 125, 150, 175]);
  });
});
