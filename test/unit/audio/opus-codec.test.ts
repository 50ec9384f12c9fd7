import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createOpusDecoder, OPUS_FRAME_SAMPLES, type OpusEncoder } from '../../../audio/opus-codec.ts';
import { resample } from '../../../audio/resample.ts';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../../audio/sample-rates.ts';
import { humanSpeech } from '../../../bench/support/speech.ts';
import { libopusPath } from '../../../engine/setup/places.mjs';
import { chunks, correlation, envelope, joined, pitch, tone } from '../../support/sound.ts';

describe.each([
  ['in WebAssembly', ''],
  ['by the system’s libopus', libopusPath(process.env)],
])('Opus that was encoded %s', (_, library) => {
  let createOpusEncoder: () => Promise<OpusEncoder>;

  // A process loads the library once.
  beforeAll(async () => {
    vi.resetModules();
    vi.stubEnv('BOOTH_LIBOPUS', library);
    const { loadNativeOpus } = await import('../../../audio/native-opus.ts');
    expect((await loadNativeOpus()) !== undefined).toBe(library !== '');
    ({ createOpusEncoder } = await import('../../../audio/opus-codec.ts'));
  });

  async function encoded(samples: Int16Array): Promise<Uint8Array[]> {
    const encoder = await createOpusEncoder();
    const packets = [...chunks(samples, OPUS_FRAME_SAMPLES)]
      .filter(({ length }) => length === OPUS_FRAME_SAMPLES)
      .map((frame) => Uint8Array.from(encoder.encode(frame)));
    encoder.close();
    return packets;
  }

  it('decodes a tone that was encoded at 24 kHz with the same pitch and duration at 16 kHz', async () => {
    const packets = await encoded(tone(440, 2000, VOICE_SAMPLE_RATE));
    const decoder = await createOpusDecoder();
    const heard = joined(packets.map((packet) => decoder.decode(packet)));
    decoder.close();
    expect(heard.length).toBe(2 * SPEECH_SAMPLE_RATE);
    expect(pitch(heard.subarray(SPEECH_SAMPLE_RATE), SPEECH_SAMPLE_RATE)).toBeCloseTo(440, -1);
  });

  it('keeps the envelope of speech', async () => {
    const { samples, sampleRate } = humanSpeech('conf-onlyperson');
    const packets = await encoded(await resample(samples, sampleRate, VOICE_SAMPLE_RATE));
    const decoder = await createOpusDecoder();
    const heard = joined(packets.map((packet) => decoder.decode(packet)));
    decoder.close();
    expect(correlation(envelope(samples, 16_000), envelope(heard, 16_000))).toBeGreaterThan(0.95);
  });

  it('repairs a lost packet better from the packet after it (FEC) than from the one before (concealment)', async () => {
    const { samples, sampleRate } = humanSpeech('conf-onlyperson');
    const packets = await encoded(await resample(samples, sampleRate, VOICE_SAMPLE_RATE));
    const whole = await createOpusDecoder();
    const repaired = await createOpusDecoder();
    const concealed = await createOpusDecoder();
    const error = { repaired: 0, concealed: 0 };
    packets.forEach((packet, i) => {
      const right = whole.decode(packet);
      const lost = i % 10 === 5;
      const next = packets[i + 1];
      const byFec = lost && next ? repaired.decodeFec(next, 320) : repaired.decode(packet);
      const byGuess = lost ? concealed.conceal(320) : concealed.decode(packet);
      right.forEach((sample, at) => {
        error.repaired += (sample - (byFec[at] ?? 0)) ** 2;
        error.concealed += (sample - (byGuess[at] ?? 0)) ** 2;
      });
      expect([byFec.length, byGuess.length]).toEqual([320, 320]);
    });
    for (const decoder of [whole, repaired, concealed]) decoder.close();
    expect(error.repaired).toBeLessThan(0.8 * error.concealed);
  });

  it('keeps encoding a steady voice, which is not silence', async () => {
    const packets = await encoded(tone(200, 3000, VOICE_SAMPLE_RATE));
    expect(Math.min(...packets.slice(10).map(({ length }) => length))).toBeGreaterThan(10);
  });

  it('throws for a packet that is not Opus', async () => {
    const decoder = await createOpusDecoder();
    expect(() => decoder.decode(Uint8Array.from([0xff]))).toThrow();
    decoder.close();
  });

  it('is as clear where a thread has many encoders', async () => {
    const others = await Promise.all(Array.from({ length: 20 }, () => createOpusEncoder()));
    const { samples, sampleRate } = humanSpeech('conf-onlyperson');
    const packets = await encoded(await resample(samples, sampleRate, VOICE_SAMPLE_RATE));
    for (const other of others) other.close();
    const decoder = await createOpusDecoder();
    const heard = joined(packets.map((packet) => decoder.decode(packet)));
    decoder.close();
    expect(correlation(envelope(samples, 16_000), envelope(heard, 16_000))).toBeGreaterThan(0.95);
  });

  it('refuses a frame of another length, and any once it is closed', async () => {
    const encoder = await createOpusEncoder();
    expect(() => encoder.encode(new Int16Array(OPUS_FRAME_SAMPLES - 1))).toThrow();
    expect(encoder.encode(new Int16Array(OPUS_FRAME_SAMPLES)).length).toBeGreaterThan(0);
    encoder.close();
    expect(() => encoder.encode(new Int16Array(OPUS_FRAME_SAMPLES))).toThrow();
    encoder.close();
  });
});

describe('the system’s libopus', () => {
  it('is done without where there is none of the name', async () => {
    vi.resetModules();
    vi.stubEnv('BOOTH_LIBOPUS', '/dev/null/nowhere');
    const { createOpusEncoder } = await import('../../../audio/opus-codec.ts');
    const encoder = await createOpusEncoder();
    expect(encoder.encode(new Int16Array(OPUS_FRAME_SAMPLES)).length).toBeGreaterThan(0);
    encoder.close();
  });
});
