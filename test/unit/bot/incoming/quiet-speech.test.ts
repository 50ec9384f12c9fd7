/** Quiet speakers, and speakers in noise, through everything that a microphone passes before a session hears it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { gateSpeech } from '../../../../bench/support/gated-speech.ts';
import { humanSpeech } from '../../../../bench/support/speech.ts';
import { atLevel, type Noise, noises, rms, toPcm } from '../../../support/noise.ts';
import { joined } from '../../../support/sound.ts';

const RATE = 16_000;
const NOISE_SECONDS = 30;
/** Peaks of the recordings are at full scale before they are attenuated. */
const speech = atPeak(
  joined([
    humanSpeech('demo-nogo').samples,
    new Int16Array(3 * RATE),
    humanSpeech('queue-periodic-announce').samples,
    new Int16Array(RATE / 2),
  ]),
);

function atPeak(samples: Int16Array): Float32Array {
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  return Float32Array.from(samples, (sample) => sample / peak);
}

const attenuated = (db: number): Float32Array => speech.map((value) => value * 10 ** (db / 20));

function inNoise(voice: Float32Array, snrDb: number): Float32Array {
  const noise = atLevel(noises.white(voice.length), 20 * Math.log10(rms(voice)) - snrDb);
  return voice.map((value, i) => value + (noise[i] ?? 0));
}

describe('a speaker', () => {
  let loudMs = 0;
  beforeAll(async () => {
    loudMs = (await gateSpeech(toPcm(attenuated(0)))).passedMs;
  });

  it.each([-40, -46, -52, -58])('is let through whole with peaks of %i dBFS', async (db) => {
    const { passedMs } = await gateSpeech(toPcm(attenuated(db)));
    expect(passedMs / loudMs).toBeGreaterThan(0.97);
    expect(passedMs / loudMs).toBeLessThan(1.05);
  });

  it.each([
    [0, 20],
    [0, 10],
    [-52, 10],
  ])('is let through whole with peaks of %i dBFS in white noise, the voice %i dB above it', async (db, snrDb) => {
    const { passedMs } = await gateSpeech(toPcm(inNoise(attenuated(db), snrDb)));
    expect(passedMs / loudMs).toBeGreaterThan(0.97);
    expect(passedMs / loudMs).toBeLessThan(1.05);
  });
});

describe('a room in which nobody speaks', () => {
  const steady: Noise[] = ['white', 'pink', 'hum'];
  const roomWith = (noise: Noise, db: number) => gateSpeech(toPcm(atLevel(noises[noise](NOISE_SECONDS * RATE), db)));

  it.each(steady.flatMap((noise) => [-80, -70].map((db) => [noise, db] as const)))(
    'costs no decoding with %s at %i dBFS',
    async (noise, db) => {
      const { passedMs, decodedMs } = await roomWith(noise, db);
      expect(passedMs).toBe(0);
      expect(decodedMs).toBeLessThan(1000);
    },
  );

  it.each([
    ['white', -50],
    ['pink', -50],
    ['pink', -65],
    ['hum', -50],
    ['keyboard', -50],
    ['keyboard', -70],
  ] as const)('sends a session nothing of %s at %i dBFS', async (noise, db) => {
    expect((await roomWith(noise, db)).passedMs).toBe(0);
  });
});
