import { beforeEach, describe, expect, it } from 'vitest';
import {
  createOpusDecoder,
  createOpusEncoder,
  OPUS_FRAME_SAMPLES,
  type OpusDecoder,
} from '../../../../audio/opus-codec.ts';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../../../audio/sample-rates.ts';
import { PacketLossConcealment } from '../../../../bot/incoming/packet-loss-concealment.ts';
import { chunks, joined, pitch, tone } from '../../../support/sound.ts';

const FRAME_SAMPLES = SPEECH_SAMPLE_RATE / 50;
const HZ = 300;

/** A second of a tone in packets of 20 ms, each with FEC for the one before it. */
async function packetsOfTone(): Promise<{ payload: Uint8Array }[]> {
  const encoder = await createOpusEncoder();
  const packets = [...chunks(tone(HZ, 1000, VOICE_SAMPLE_RATE), OPUS_FRAME_SAMPLES)].map((frame) => ({
    payload: Uint8Array.from(encoder.encode(frame)),
  }));
  encoder.close();
  return packets;
}

describe('PacketLossConcealment', () => {
  let decoder: OpusDecoder;
  let concealment: PacketLossConcealment;
  let packets: { payload: Uint8Array }[];

  beforeEach(async () => {
    packets = await packetsOfTone();
    decoder = await createOpusDecoder();
    concealment = new PacketLossConcealment(decoder);
    return () => concealment.close();
  });

  const decodeFirst = (count: number): void => {
    for (const packet of packets.slice(0, count)) concealment.decode({ type: 'packet', packet });
  };

  it('decodes packets and counts nothing while none is lost', () => {
    const samples = joined(packets.map((packet) => Int16Array.from(concealment.decode({ type: 'packet', packet }))));
    expect(samples).toHaveLength(SPEECH_SAMPLE_RATE);
    expect(pitch(samples.subarray(SPEECH_SAMPLE_RATE / 2), SPEECH_SAMPLE_RATE)).toBeCloseTo(HZ, -1);
    expect(concealment.counts).toEqual({ lost: 0, repaired: 0, decodeErrors: 0, garbage: 0 });
  });

  it('repairs a lost packet by the FEC of the packet after it', () => {
    decodeFirst(20);
    const samples = concealment.decode({ type: 'lost', nextPacket: packets[21] });
    expect(samples).toHaveLength(FRAME_SAMPLES);
    expect(Math.max(...samples)).toBeGreaterThan(1000);
    expect(concealment.counts).toEqual({ lost: 1, repaired: 1, decodeErrors: 0, garbage: 0 });
  });

  it('conceals a lost packet where the packet after it is lost too', () => {
    decodeFirst(20);
    const samples = concealment.decode({ type: 'lost', nextPacket: undefined });
    expect(samples).toHaveLength(FRAME_SAMPLES);
    expect(Math.max(...samples)).toBeGreaterThan(1000);
    expect(concealment.counts).toEqual({ lost: 1, repaired: 0, decodeErrors: 0, garbage: 0 });
  });

  it('conceals a packet that is not Opus', () => {
    decodeFirst(20);
    const samples = concealment.decode({ type: 'packet', packet: { payload: Uint8Array.of(0xff, 0xff, 0xff) } });
    expect(samples).toHaveLength(FRAME_SAMPLES);
    expect(concealment.counts).toEqual({ lost: 0, repaired: 0, decodeErrors: 1, garbage: 0 });
  });

  it('conceals a lost packet where the packet after it is not Opus', () => {
    decodeFirst(20);
    const nextPacket = { payload: Uint8Array.of(0xff, 0xff, 0xff) };
    expect(concealment.decode({ type: 'lost', nextPacket })).toHaveLength(FRAME_SAMPLES);
    expect(concealment.counts).toEqual({ lost: 1, repaired: 0, decodeErrors: 1, garbage: 0 });
  });

  it('replaces a packet that is lost before the first one by 20 ms of silence', () => {
    const samples = concealment.decode({ type: 'lost', nextPacket: undefined });
    expect(samples).toHaveLength(FRAME_SAMPLES);
    expect(Math.max(...samples)).toBe(0);
  });
});
