import { beforeAll, describe, expect, it } from 'vitest';
import { resample } from '../../../../audio/resample.ts';
import { humanSpeech } from '../../../../bench/support/speech.ts';
import { NORMAL_RATE } from '../../../../bot/playout/lag-controller.ts';
import { PcmQueue } from '../../../../bot/playout/pcm-queue.ts';
import { TimeCompression } from '../../../../bot/playout/time-compression.ts';
import { pitchAt } from '../../../support/pitch.ts';
import { chunks, joined, tone } from '../../../support/sound.ts';

const RATE = 24_000;
const FRAME = 480;
const silence = (ms: number) => new Int16Array((RATE * ms) / 1000);
const TRIMS = { trimsPauses: true, tempo: 1 };
const FASTEST = { trimsPauses: true, tempo: 1.2 };

interface Said {
  samples: Int16Array;
  /** For each frame, how much of the sound had gone before it. */
  from: number[];
  compression: TimeCompression;
}

function say(whole: Int16Array, rate: { trimsPauses: boolean; tempo: number }): Said {
  const sound = new PcmQueue();
  for (const piece of chunks(whole, 1111)) sound.push(piece, 0);
  const compression = new TimeCompression();
  const frames: Int16Array[] = [];
  const from: number[] = [];
  while (sound.length > 0) {
    compression.apply(sound, rate, { length: FRAME, complete: true });
    from.push(whole.length - sound.length);
    const frame = sound.take(FRAME);
    compression.played(frame);
    frames.push(frame);
  }
  return { samples: joined(frames), from, compression };
}

/** How much the sound turns from one sample to the next: a click turns more than any voice. */
const sharpestTurn = (samples: Int16Array): number => {
  let most = 0;
  for (let i = 2; i < samples.length; i++) {
    most = Math.max(most, Math.abs((samples[i] ?? 0) - 2 * (samples[i - 1] ?? 0) + (samples[i - 2] ?? 0)));
  }
  return most;
};

describe('sound at normal rate', () => {
  it('is not changed in any sample', async () => {
    const { samples, sampleRate } = humanSpeech('conf-onlyperson');
    const speech = await resample(samples, sampleRate, RATE);
    expect(say(speech, NORMAL_RATE).samples).toEqual(speech);
  });
});

describe('a pause that is trimmed', () => {
  const word = tone(200, 300, RATE);

  it('keeps its first 100 ms and its last 60 ms, and every sample of the words around it', () => {
    const { samples, compression } = say(joined([word, silence(1000), word]), TRIMS);
    const ms = samples.length / 24;
    expect(ms).toBeGreaterThanOrEqual(600 + 160);
    expect(ms).toBeLessThanOrEqual(600 + 160 + 45);
    expect(samples.subarray(0, word.length)).toEqual(word);
    expect(samples.subarray(-word.length)).toEqual(word);
    expect(compression.trimmedSamples).toBe(joined([word, silence(1000), word]).length - samples.length);
  });

  it.each([40, 100, 160])('is not trimmed at %i ms, as it may be a stop within a word', (ms) => {
    const whole = joined([word, silence(ms), word]);
    expect(say(whole, TRIMS).samples).toEqual(whole);
  });

  it('is recognised in noise that is much quieter than the voice', () => {
    const hiss = Int16Array.from({ length: RATE }, (_, i) => (i % 3 === 0 ? 60 : -40));
    const { samples } = say(joined([word, hiss, word]), TRIMS);
    expect(samples.length / 24).toBeLessThan(600 + 250);
  });

  it('is not a passage of quiet speech', () => {
    const whole = joined([word, tone(200, 1000, RATE, 500), word]);
    expect(say(whole, TRIMS).samples).toEqual(whole);
  });

  it('is not a quieter passage of a quiet voice', () => {
    const soft = tone(200, 300, RATE, 2000);
    const whole = joined([soft, tone(200, 1000, RATE, 200), soft]);
    expect(say(whole, TRIMS).samples).toEqual(whole);
  });

  it('does not click if there is a hum in it', () => {
    const hum = tone(115, 1000, RATE, 180);
    const { samples, compression } = say(joined([word, hum, word]), TRIMS);
    expect(compression.trimmedSamples).toBeGreaterThan(RATE / 2);
    const pause = samples.subarray(word.length, -word.length);
    expect(sharpestTurn(pause)).toBeLessThanOrEqual(sharpestTurn(hum) + 5);
  });

  it('is not trimmed while more sound is still to come', () => {
    const sound = new PcmQueue();
    sound.push(silence(400), 0);
    const compression = new TimeCompression();
    compression.played(silence(100));
    compression.apply(sound, TRIMS, { length: FRAME, complete: false });
    expect(sound.durationMs).toBe(400);
    compression.apply(sound, TRIMS, { length: FRAME, complete: true });
    expect(sound.durationMs).toBeLessThan(100);
  });
});

describe('human speech at tempo 1.2', () => {
  let speech: Int16Array;
  let said: Said;
  beforeAll(async () => {
    const parts = ['basic-pbx-ivr-main', 'conf-onlyperson', 'auth-incorrect', 'agent-alreadyon'].map(async (name) => {
      const { samples, sampleRate } = humanSpeech(name);
      return await resample(samples, sampleRate, RATE);
    });
    speech = joined(await Promise.all(parts));
    said = say(speech, FASTEST);
  });

  it('takes five sixths of the time', () => {
    const { samples, compression } = said;
    const tempo = (speech.length - compression.trimmedSamples) / samples.length;
    expect(tempo).toBeGreaterThan(1.18);
    expect(tempo).toBeLessThan(1.21);
  });

  it('keeps the pitch within 1 %', () => {
    const ratios = said.from.flatMap((from, frame) => {
      if (frame % 4 !== 0) return [];
      const was = pitchAt(speech, from, RATE);
      const is = pitchAt(said.samples, frame * FRAME, RATE);
      return was && is ? [is / was] : [];
    });
    expect(ratios.length).toBeGreaterThan(100);
    const sorted = ratios.toSorted((a, b) => a - b);
    expect(Math.abs((sorted[sorted.length >> 1] ?? 0) - 1)).toBeLessThan(0.002);
    // Where the voice itself glides or creaks, a window holds more of the one or of the other.
    expect(ratios.filter((ratio) => Math.abs(ratio - 1) < 0.01).length / ratios.length).toBeGreaterThan(0.7);
  });

  it('does not click: no edge is sharper than the sharpest of the voice itself', () => {
    expect(sharpestTurn(said.samples)).toBeLessThanOrEqual(sharpestTurn(speech) * 1.01);
  });

  it('does not click in a tone, in which every click would be visible', () => {
    const pure = tone(233, 5000, RATE);
    const { samples } = say(pure, FASTEST);
    expect(samples.length / pure.length).toBeCloseTo(5 / 6, 1);
    expect(sharpestTurn(samples)).toBeLessThan(sharpestTurn(pure) * 1.5 + 4);
  });
});

describe('a phrase', () => {
  const word = tone(200, 400, RATE);
  const ahead = (...parts: Int16Array[]) => {
    const sound = new PcmQueue();
    sound.push(joined(parts), 0);
    return sound;
  };

  it('ends at the next pause of 200 ms', () => {
    const end = new TimeCompression().nextPhrase(
      ahead(silence(100), word, silence(100), word, silence(300), word),
      true,
    );
    const ms = (end ?? 0) / 24;
    expect(ms).toBeGreaterThan(1000);
    expect(ms).toBeLessThan(1300 - 50);
  });

  it('ends with the utterance if its end is known', () => {
    expect(new TimeCompression().nextPhrase(ahead(word), true)).toBe(word.length);
    expect(new TimeCompression().nextPhrase(ahead(word), false)).toBeUndefined();
  });
});
