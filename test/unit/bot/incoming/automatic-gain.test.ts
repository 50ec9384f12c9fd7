import { describe, expect, it } from 'vitest';
import { AutomaticGain } from '../../../../bot/incoming/automatic-gain.ts';
import { chunks, joined, tone } from '../../../support/sound.ts';

const RATE = 16_000;
const FRAME = 320;
const FULL_SCALE = 32_768;
const silence = (ms: number) => new Int16Array((RATE * ms) / 1000);
/** A tone with peaks of `db` dBFS. */
const voice = (db: number, ms: number) => tone(200, ms, RATE, FULL_SCALE * 10 ** (db / 20));

function amplified(gain: AutomaticGain, samples: Int16Array): Int16Array {
  return joined([...chunks(samples, FRAME)].map((frame) => gain.push(frame)));
}

function peakDb(samples: Int16Array): number {
  return 20 * Math.log10(samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0) / FULL_SCALE);
}

describe('AutomaticGain', () => {
  it('leaves a voice of normal level as it is, pauses and soft words included', () => {
    const gain = new AutomaticGain();
    const speech = joined([voice(-20, 2000), silence(2500), voice(-45, 400), voice(-28, 1000)]);
    expect(amplified(gain, speech)).toEqual(speech);
  });

  it.each([-40, -52, -60])('amplifies a voice of %i dBFS to -30 dBFS, from its first word on', (db) => {
    const word = amplified(new AutomaticGain(), voice(db, 200));
    expect(peakDb(word)).toBeCloseTo(-30, 0);
  });

  it('does not clip a loud word after quiet ones', () => {
    const gain = new AutomaticGain();
    amplified(gain, voice(-55, 5000));
    const loud = voice(-1, 500);
    expect(amplified(gain, loud)).toEqual(loud);
  });

  it('keeps its gain in a pause between two sentences', () => {
    const gain = new AutomaticGain();
    amplified(gain, voice(-40, 2000));
    amplified(gain, silence(2800));
    expect(peakDb(amplified(gain, voice(-50, 100)))).toBeCloseTo(-40, 0);
  });

  it('follows somebody who goes away from the microphone within seconds', () => {
    const gain = new AutomaticGain();
    amplified(gain, voice(-20, 5000));
    amplified(gain, voice(-50, 14_000));
    expect(peakDb(amplified(gain, voice(-50, 100)))).toBeCloseTo(-30, 0);
  });

  it('amplifies nothing that is quieter than any voice, and nothing by more than 32 dB', () => {
    const muted = Int16Array.from({ length: RATE }, (_, i) => (i % 3) - 1);
    expect(amplified(new AutomaticGain(), muted)).toEqual(muted);
    expect(peakDb(amplified(new AutomaticGain(), voice(-70, 1000)))).toBeLessThan(-37);
  });
});
