import type { ReceivedPacket } from '@mediasoup-booth/werift-handler';
import fc from 'fast-check';
import { Application, createEncoder } from 'libopus-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOpusDecoder, type OpusDecoder } from '../../../../audio/opus-codec.ts';
import { resample } from '../../../../audio/resample.ts';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../../../audio/sample-rates.ts';
import { humanSpeech } from '../../../../bench/support/speech.ts';
import { OpusReceiver } from '../../../../bot/incoming/opus-receiver.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { chunks, correlation, envelope, joined } from '../../../support/sound.ts';

/** As a browser would send it: FEC on, packets of `frameMs`. */
async function packetsOf(samples: Int16Array, frameMs = 20): Promise<ReceivedPacket[]> {
  const frameSize = (VOICE_SAMPLE_RATE * frameMs) / 1000;
  const encoder = await createEncoder({
    sampleRate: VOICE_SAMPLE_RATE,
    channels: 1,
    frameSize,
    application: Application.Voip,
    bitrate: 32_000,
    fec: true,
    packetLossPercent: 10,
  });
  const packets = [...chunks(samples, frameSize)]
    .filter(({ length }) => length === frameSize)
    .map((frame, i) => ({
      sequenceNumber: (65_500 + i) & 0xffff,
      timestamp: i * frameMs * 48,
      payload: Buffer.from(encoder.encode(frame)),
      audioLevel: undefined,
    }));
  encoder.free();
  return packets;
}

class Listener {
  readonly clock = new FakeClock();
  readonly heard: Int16Array[] = [];
  readonly receiver: OpusReceiver;

  constructor(decoder: OpusDecoder) {
    this.receiver = new OpusReceiver(decoder, this.clock, (samples) => this.heard.push(samples));
  }

  static create = async () => new Listener(await createOpusDecoder());

  get samples(): Int16Array {
    return joined(this.heard);
  }

  /** Each packet at its time; what is given as undefined never comes. */
  async hears(packets: readonly (ReceivedPacket | undefined)[], frameMs = 20): Promise<this> {
    for (const packet of packets) {
      if (packet) this.receiver.push(packet);
      this.clock.advance(frameMs);
    }
    this.clock.advance(200);
    return this;
  }
}

describe('OpusReceiver', () => {
  let speech: Int16Array;
  let packets: ReceivedPacket[];
  let whole: Int16Array;
  beforeAll(async () => {
    const recorded = humanSpeech('queue-youarenext');
    speech = await resample(recorded.samples, recorded.sampleRate, VOICE_SAMPLE_RATE);
    packets = await packetsOf(speech);
    whole = (await (await Listener.create()).hears(packets)).samples;
  });

  /** Like the speech without loss, and as long. */
  const expectIntelligible = (heard: Int16Array, least: number) => {
    expect(heard.length).toBe(whole.length);
    expect(correlation(envelope(whole, SPEECH_SAMPLE_RATE), envelope(heard, SPEECH_SAMPLE_RATE))).toBeGreaterThan(
      least,
    );
  };

  it('delivers each packet as it arrives', async () => {
    const listener = await Listener.create();
    packets.forEach((packet, i) => {
      listener.receiver.push(packet);
      expect(listener.heard).toHaveLength(i + 1);
      listener.clock.advance(20);
    });
    expect(whole.length).toBe(packets.length * 320);
    expect(listener.receiver.counts).toMatchObject({ lost: 0, repaired: 0, decodeErrors: 0 });
    expect(listener.clock.pending).toBe(0);
  });

  it.each([10, 20, 40, 60])('keeps the duration of packets of %i ms, with a tenth of them lost', async (frameMs) => {
    const listener = await Listener.create();
    const sent = await packetsOf(speech, frameMs);
    const lossy = sent.map((packet, i) => (i % 10 === 6 && i < sent.length - 1 ? undefined : packet));
    await listener.hears(lossy, frameMs);
    expect(listener.samples.length).toBe((sent.length * frameMs * SPEECH_SAMPLE_RATE) / 1000);
    expect(listener.receiver.counts.lost).toBe(lossy.filter((packet) => !packet).length);
  });

  it('repairs single losses of a tenth of the packets with hardly any audible difference', async () => {
    const listener = await Listener.create();
    await listener.hears(packets.map((packet, i) => (i % 10 === 6 ? undefined : packet)));
    expectIntelligible(listener.samples, 0.9);
  });

  it('repairs a lost packet by the FEC of the next one instead of concealing it', async () => {
    const lossy = packets.map((packet, i) => (i % 10 === 6 ? undefined : packet));
    const decoder = await createOpusDecoder();
    const guessing: OpusDecoder = { ...decoder, decodeFec: (_, frameSize) => decoder.conceal(frameSize) };
    const repaired = (await (await Listener.create()).hears(lossy)).samples;
    const guessed = (await new Listener(guessing).hears(lossy)).samples;
    const error = (heard: Int16Array) => heard.reduce((sum, sample, i) => sum + (sample - (whole[i] ?? 0)) ** 2, 0);
    expect(error(repaired)).toBeLessThan(0.8 * error(guessed));
  });

  it('conceals a loss of 100 ms in its full length', async () => {
    const listener = await Listener.create();
    await listener.hears(packets.map((packet, i) => (i >= 60 && i < 65 ? undefined : packet)));
    expectIntelligible(listener.samples, 0.9);
    expect(listener.receiver.counts.lost).toBe(5);
  });

  it('puts packets back in order that are reordered by up to 40 ms', async () => {
    const listener = await Listener.create();
    const shuffled = packets.map((packet, i) => ({ packet, at: i + (i % 3 === 1 ? 1.5 : 0) }));
    shuffled.sort((a, b) => a.at - b.at);
    await listener.hears(shuffled.map(({ packet }) => packet));
    expect(listener.receiver.counts.lost).toBe(0);
    expect(listener.samples).toEqual(whole);
  });

  it('gives up a gap after 60 ms even if nothing else arrives', async () => {
    const listener = await Listener.create();
    const [first, , third] = packets;
    if (!first || !third) throw new Error('too short');
    listener.receiver.push(first);
    listener.receiver.push(third);
    listener.clock.advance(59);
    expect(listener.heard).toHaveLength(1);
    listener.clock.advance(1);
    expect(listener.heard).toHaveLength(3);
  });

  it('conceals a packet that is not Opus, and continues', async () => {
    const listener = await Listener.create();
    const garbled = packets.map((packet, i) => (i % 20 === 7 ? { ...packet, payload: Buffer.from([0xff]) } : packet));
    await listener.hears(garbled);
    expect(listener.receiver.counts.decodeErrors).toBe(garbled.filter(({ payload }) => payload.length === 1).length);
    expectIntelligible(listener.samples, 0.8);
  });

  it('conceals a lost packet if the packet after it is not Opus', async () => {
    const listener = await Listener.create();
    const garbled = packets.map((packet, i) => (i === 31 ? { ...packet, payload: Buffer.from([0xff]) } : packet));
    await listener.hears(garbled.map((packet, i) => (i === 30 ? undefined : packet)));
    expectIntelligible(listener.samples, 0.9);
  });

  it('survives packets of arbitrary bytes, none of which gives more than 120 ms of sound', async () => {
    const listener = await Listener.create();
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { maxLength: 20 }), (payloads) => {
        for (const payload of payloads) {
          const sequenceNumber = (listener.heard.length + 17) & 0xffff;
          listener.receiver.push({
            sequenceNumber,
            timestamp: 0,
            payload: Buffer.from(payload),
            audioLevel: undefined,
          });
          listener.clock.advance(20);
          expect(listener.heard.at(-1)?.length).toBeLessThanOrEqual(1920);
        }
      }),
    );
    await listener.hears(packets.slice(0, 50));
    expect(listener.heard.length).toBeGreaterThan(50);
  });

  it('delivers nothing and leaves no timer behind once it is closed, even while it waits for a gap', async () => {
    const listener = await Listener.create();
    const [first, , third, fourth] = packets;
    if (!first || !third || !fourth) throw new Error('too short');
    listener.receiver.push(first);
    listener.receiver.push(third);
    listener.receiver.close();
    listener.receiver.close();
    listener.receiver.push(fourth);
    listener.clock.advance(1000);
    expect(listener.heard).toHaveLength(1);
    expect(listener.clock.pending).toBe(0);
  });

  describe('with packets that are not wanted', () => {
    /** Wants all from the `from`th packet on. */
    const hearing = async (given: readonly ReceivedPacket[], from: number) => {
      const decoder = await createOpusDecoder();
      let decoded = 0;
      const counting: OpusDecoder = {
        ...decoder,
        decode: (packet) => {
          decoded++;
          return decoder.decode(packet);
        },
      };
      const heard: Int16Array[] = [];
      const clock = new FakeClock();
      const wanted = new Set(given.slice(from));
      const receiver = new OpusReceiver(
        counting,
        clock,
        (samples) => heard.push(samples),
        (packet) => wanted.has(packet),
      );
      for (const packet of given) {
        receiver.push(packet);
        clock.advance(20);
      }
      receiver.close();
      return { heard: joined(heard), decoded };
    };

    it('decodes none of them', async () => {
      const { heard, decoded } = await hearing(packets, packets.length);
      expect([heard.length, decoded]).toEqual([0, 0]);
    });

    it('delivers the 400 ms before the first wanted packet undistorted, from a decoder that has warmed up', async () => {
      const { heard, decoded } = await hearing(packets, 100);
      expect(decoded).toBe(packets.length - 100 + 24);
      expect(heard.length).toBe((packets.length - 100 + 20) * 320);
      const right = whole.subarray(80 * 320);
      const error = heard.reduce((sum, sample, i) => sum + (sample - (right[i] ?? 0)) ** 2, 0);
      expect(error / right.reduce((sum, sample) => sum + sample ** 2, 0)).toBeLessThan(0.01);
    });

    it('loses nothing if the pre-roll buffer holds all of them', async () => {
      expect((await hearing(packets, 15)).heard).toEqual(whole);
    });

    it('delivers nothing that was kept before a silence in which nothing was sent', async () => {
      const late = packets.map((packet, i) => ({ ...packet, timestamp: packet.timestamp + (i >= 95 ? 480_000 : 0) }));
      const { heard } = await hearing(late, 100);
      expect(heard.length).toBe((packets.length - 95) * 320);
    });
  });

  it('can be closed by the function it delivers to', async () => {
    const decoder = await createOpusDecoder();
    const clock = new FakeClock();
    let delivered = 0;
    const receiver = new OpusReceiver(decoder, clock, () => {
      delivered++;
      if (delivered === 2) receiver.close();
    });
    for (const packet of [packets[0], packets[2], packets[1], packets[3]]) if (packet) receiver.push(packet);
    expect(delivered).toBe(2);
    expect(clock.pending).toBe(0);
  });
});
