import { describe, expect, it } from 'vitest';
import { OPUS_FRAME_MS } from '../../../audio/opus-codec.ts';
import { humanSpeech } from '../../../bench/support/speech.ts';
import { durationMs, overNetwork } from '../../support/network.ts';
import { correlation, envelope } from '../../support/sound.ts';

describe('a voice over a network that loses a tenth and reorders a twentieth', () => {
  const { samples, sampleRate } = humanSpeech('demo-nogo');

  it('is repaired or concealed in every packet, and keeps its duration', async () => {
    const bad = await overNetwork(samples, sampleRate, { lost: 0.1, reordered: 0.05, seed: 7 });
    expect(bad.neverCame / bad.sent).toBeCloseTo(0.1, 1);
    // Reordered packets come in time, so that none of them counts as lost.
    expect(bad.counts).toMatchObject({ lost: bad.neverCame, decodeErrors: 0 });
    expect(bad.counts.repaired).toBeGreaterThan(0.8 * bad.counts.lost);
    expect(durationMs(bad)).toBe(bad.sent * OPUS_FRAME_MS);
  });

  it('keeps nearly the same envelope', async () => {
    const good = await overNetwork(samples, sampleRate, { lost: 0, reordered: 0, seed: 7 });
    const bad = await overNetwork(samples, sampleRate, { lost: 0.1, reordered: 0.05, seed: 7 });
    expect(correlation(envelope(good.samples, 16_000), envelope(bad.samples, 16_000))).toBeGreaterThan(0.95);
  });
});
