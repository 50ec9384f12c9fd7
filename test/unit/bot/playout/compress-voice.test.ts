/** A whole voice that is made faster at once. */
import { describe, expect, it } from 'vitest';
import { VOICE_SAMPLE_RATE } from '../../../../audio/sample-rates.ts';
import { compressVoice } from '../../../../bot/playout/compress-voice.ts';
import { pitchAt } from '../../../support/pitch.ts';

const RATE = VOICE_SAMPLE_RATE;
const hum = (seconds: number) =>
  Int16Array.from({ length: seconds * RATE }, (_, i) => Math.round(8000 * Math.sin((2 * Math.PI * 200 * i) / RATE)));

describe('a voice that is made faster', () => {
  it('takes less time at the same pitch', () => {
    const faster = compressVoice(hum(6), 1.2);
    expect(faster.length / RATE).toBeGreaterThan(4.9);
    expect(faster.length / RATE).toBeLessThan(5.2);
    expect(Math.abs((pitchAt(faster, RATE, RATE) ?? 0) - 200)).toBeLessThan(2);
  });

  it('loses most of its pauses first, and no word at the tempo 1', () => {
    const [one, pause, two] = [hum(1), new Int16Array(2 * RATE), hum(1)];
    const shorter = compressVoice(Int16Array.from([...one, ...pause, ...two]), 1);
    expect(shorter.length / RATE).toBeLessThan(2.3);
    expect(shorter.subarray(0, RATE)).toEqual(one);
    expect(shorter.subarray(-RATE)).toEqual(two);
  });

  it('of nothing is nothing', () => {
    expect(compressVoice(new Int16Array(0), 1.2)).toHaveLength(0);
  });
});
