import { describe, expect, it } from 'vitest';
import { humanSpeech } from '../../../../../bench/support/speech.ts';
import { SileroVad, VAD_CHUNK_SAMPLES } from '../../../../../bot/incoming/silero/silero-vad.ts';

/** What ONNX's runtime says of `conf-onlyperson` with the weights in 32 bits. */
const original = [
  0.011, 0.013, 0.025, 0.195, 0.919, 0.987, 0.999, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  1, 1, 1, 1, 1, 1, 1, 0.998, 0.999, 1, 1, 1, 1, 0.999, 0.999, 0.999, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  1, 1, 1, 1, 1, 1, 0.963, 0.978, 0.999, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.997, 0.869, 0.878, 0.972,
  0.989, 0.997, 0.997, 0.998, 0.988, 0.559,
];

const judged = (silero: SileroVad, speech: Float32Array): number[] =>
  original.map((_, i) => silero.speechProbability(speech.subarray(i * VAD_CHUNK_SAMPLES, (i + 1) * VAD_CHUNK_SAMPLES)));

describe('SileroVad', () => {
  const speech = Float32Array.from(humanSpeech('conf-onlyperson').samples, (sample) => sample / 32_768);

  it('gives the probabilities of the original network, except for the rounding of its weights to 16 bits', () => {
    const differences = judged(new SileroVad(), speech).map((value, i) => Math.abs(value - (original[i] ?? 0)));
    expect(Math.max(...differences)).toBeLessThan(0.005);
  });

  it('keeps the state of each speaker apart', () => {
    const [one, other] = [new SileroVad(), new SileroVad()];
    const alone = judged(new SileroVad(), speech);
    const both = original.map((_, i) => {
      other.speechProbability(new Float32Array(VAD_CHUNK_SAMPLES).fill(0.3));
      return one.speechProbability(speech.subarray(i * VAD_CHUNK_SAMPLES, (i + 1) * VAD_CHUNK_SAMPLES));
    });
    expect(both).toEqual(alone);
  });
});
