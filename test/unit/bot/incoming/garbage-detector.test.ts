import { describe, expect, it } from 'vitest';
import { createOpusDecoder, createOpusEncoder, OPUS_FRAME_SAMPLES } from '../../../../audio/opus-codec.ts';
import { resample } from '../../../../audio/resample.ts';
import { VOICE_SAMPLE_RATE } from '../../../../audio/sample-rates.ts';
import { humanSpeech } from '../../../../bench/support/speech.ts';
import { GarbageDetector } from '../../../../bot/incoming/garbage-detector.ts';
import { louder } from '../../../support/echo.ts';
import { OPUS_CONFIGURATIONS, randomPackets, wellFormedPackets } from '../../../support/garbage.ts';
import { testSeed } from '../../../support/seed.ts';
import { chunks } from '../../../support/sound.ts';

/** The share of the packets that are taken for garbage, and whether the last one is. */
async function judge(packets: readonly Buffer[]) {
  const decoder = await createOpusDecoder();
  const detector = new GarbageDetector();
  let garbage = 0;
  for (const packet of packets) {
    let samples: Int16Array | undefined;
    try {
      samples = decoder.decode(packet);
    } catch {
      samples = undefined;
    }
    detector.push(packet, samples);
    if (detector.isGarbage) garbage++;
  }
  decoder.close();
  return { share: garbage / packets.length, isGarbage: detector.isGarbage, detector };
}

async function speech(name: string, gainDb: number): Promise<Buffer[]> {
  const { samples, sampleRate } = humanSpeech(name);
  const encoder = await createOpusEncoder();
  const sound = louder(await resample(samples, sampleRate, VOICE_SAMPLE_RATE), gainDb);
  const packets = [...chunks(sound, OPUS_FRAME_SAMPLES)]
    .filter(({ length }) => length === OPUS_FRAME_SAMPLES)
    .map((frame) => Buffer.from(encoder.encode(frame)));
  encoder.close();
  return packets;
}

describe('GarbageDetector', () => {
  it('recognizes random bytes within 15 packets', async () => {
    const { share } = await judge(randomPackets(testSeed, 1000));
    expect(share).toBeGreaterThanOrEqual(0.98);
  });

  it.each(OPUS_CONFIGURATIONS)('recognizes random bytes that have the form of Opus, configuration %i', async (one) => {
    const { share, isGarbage } = await judge(wellFormedPackets(testSeed, one === 16 ? 4000 : 800, one));
    // Of packets of 2.5 ms, eight are one frame.
    expect(share).toBeGreaterThan(one === 16 ? 0.2 : 0.7);
    expect(isGarbage || one === 16).toBe(true);
  });

  it.each([
    ['demo-abouttotry', 0],
    ['demo-abouttotry', 12],
    // These begin with a loud word after silence, which clips.
    ['conf-now-recording', 6],
    ['confbridge-lock-no-join', 6],
    ['confbridge-lock-no-join', 12],
    ['confbridge-locked', 6],
    ['confbridge-locked', 12],
    ['demo-nogo', 0],
    ['demo-congrats', -20],
    ['basic-pbx-ivr-main', 10],
    ['demo-moreinfo', 20],
    ['demo-thanks', 30],
  ])('never takes speech for it, however overdriven: %s at %i dB', async (name, gainDb) => {
    const { share, detector } = await judge(await speech(name, gainDb));
    expect(share).toBe(0);
    expect(detector.isDoubtful).toBe(false);
  });

  it('believes a sender again after two seconds of speech', async () => {
    const { isGarbage } = await judge([...randomPackets(testSeed, 200), ...(await speech('demo-congrats', 0))]);
    expect(isGarbage).toBe(false);
  });

  it('doubts from the first clipped, undecodable or other packet on, and no longer when enough have come', async () => {
    expect((await judge(randomPackets(testSeed, 2))).detector.isDoubtful).toBe(true);
    expect((await judge((await speech('demo-nogo', 0)).slice(0, 5))).detector.isDoubtful).toBe(false);
    // Half a second of noise is enough to know; of what clips, doubt lasts until then where it is like noise.
    const { detector } = await judge(wellFormedPackets(1, 20, 9));
    expect([detector.isDoubtful, detector.isGarbage]).toEqual([true, false]);
  });
});
