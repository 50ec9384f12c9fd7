/** Where a translated voice sounds, and what is heard of the original meanwhile. */
import { describe, expect, it } from 'vitest';
import { compressVoice } from '../../../bot/playout/compress-voice.ts';
import { MAX_TEMPO } from '../../../bot/playout/lag-controller.ts';
import { placed, voiceOver } from '../../../recordings/voice-over.ts';

const RATE = 24_000;
const voice = new Int16Array(RATE).fill(1000);
const readVoice = (offset: number, length: number) => voice.slice(offset, offset + length);

async function mixOf(options: Omit<Parameters<typeof voiceOver>[0], 'sampleRate' | 'readVoice'>): Promise<Int16Array> {
  const all: number[] = [];
  for await (const chunk of voiceOver({ sampleRate: RATE, readVoice, ...options })) all.push(...chunk);
  return Int16Array.from(all);
}

async function* original(seconds: number): AsyncGenerator<Int16Array> {
  for (let i = 0; i < seconds * 10; i++) yield new Int16Array(RATE / 10).fill(10_000);
}

describe('a voice', () => {
  it('sounds when its words were said, and the original is lowered beneath it', async () => {
    const mix = await mixOf({ pieces: [{ startMs: 2000, offset: 0, length: RATE }], original: original(5) });
    expect(mix).toHaveLength(5 * RATE);
    expect(mix[RATE]).toBe(10_000);
    expect(mix[2.5 * RATE]).toBe(3000);
    expect(mix[4.5 * RATE]).toBe(10_000);
    const steps = mix.subarray(1).map((sample, i) => Math.abs(sample - (mix[i] ?? 0)));
    expect(steps.filter((step) => step > 10).length).toBe(2);
  });

  it('sounds alone where the original is left out, and silence keeps the length', async () => {
    const mix = await mixOf({ pieces: [{ startMs: 1000, offset: 0, length: RATE }], lengthSeconds: 3 });
    expect(mix).toHaveLength(3 * RATE);
    expect([mix[RATE - 1], mix[RATE], mix[2 * RATE - 1], mix[2 * RATE]]).toEqual([0, 1000, 1000, 0]);
  });

  it('that is still speaking delays the next, and is not cut by the end of the original', async () => {
    const pieces = [
      { startMs: 0, offset: 0, length: RATE },
      { startMs: 500, offset: 0, length: RATE },
    ];
    const [first, second] = placed({ sampleRate: RATE, pieces, readVoice });
    expect(second?.start).toBeGreaterThanOrEqual(first?.end ?? 0);
    expect(await mixOf({ pieces, original: original(1) })).toHaveLength(second?.end ?? 0);
  });

  describe('that is longer than its sentence', () => {
    const compression = { maxTempo: MAX_TEMPO, compress: compressVoice };
    /** A hum of 200 Hz: 3.4 s of it for every 3 s that were said. */
    const hum = Int16Array.from({ length: 3.4 * RATE }, (_, i) => 8000 * Math.sin((2 * Math.PI * 200 * i) / RATE));
    const readHum = (offset: number, length: number) => hum.slice(offset, offset + length);
    const pieces = Array.from({ length: 20 }, (_, i) => ({ startMs: i * 3000, offset: 0, length: hum.length }));
    const delays = (voices: ReturnType<typeof placed>) =>
      voices.map(({ start, startMs }) => start / RATE - startMs / 1000);

    it('is made faster, so that the next is no more than about a second late', () => {
      const voices = placed({ sampleRate: RATE, pieces, readVoice: readHum, compression });
      expect(Math.max(...delays(voices))).toBeLessThan(1.3);
      expect(voices[0]?.tempo, 'the first delays nobody by a second').toBe(1);
      const uncompressed = placed({ sampleRate: RATE, pieces, readVoice: readHum });
      expect(Math.max(...delays(uncompressed))).toBeGreaterThan(8);
    });

    it('is heard whole in the place that it takes', async () => {
      const options = { sampleRate: RATE, pieces, readVoice: readHum, compression };
      const voices = placed(options);
      const mix: number[] = [];
      for await (const chunk of voiceOver(options)) mix.push(...chunk);
      expect(mix).toHaveLength(voices.at(-1)?.end ?? 0);
      const faster = voices.find(({ tempo }) => tempo > 1);
      expect(Int16Array.from(mix.slice(faster?.start, faster?.end))).toEqual(compressVoice(hum, faster?.tempo ?? 0));
    });
  });
});
