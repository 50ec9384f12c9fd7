/** A voice over a network that loses packets and lets others overtake them: what a receiver makes of it. */

import type { ReceivedPacket } from '@mediasoup-booth/werift-handler';
import { createOpusDecoder, createOpusEncoder, OPUS_FRAME_MS, OPUS_FRAME_SAMPLES } from '../../audio/opus-codec.ts';
import { resample } from '../../audio/resample.ts';
import { OPUS_CLOCK_RATE, SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { OpusReceiver } from '../../bot/incoming/opus-receiver.ts';
import { FakeClock } from '../../time/fake-clock.ts';
import { randomFrom } from './noise.ts';
import { chunks, joined } from './sound.ts';

/** Milliseconds by which a reordered packet is late. */
const LATE_MS = 2.5 * OPUS_FRAME_MS;

export interface Network {
  /** Shares, from 0 to 1. */
  lost: number;
  reordered: number;
  seed: number;
}

export interface Received {
  /** 16 kHz mono. */
  samples: Int16Array;
  sent: number;
  neverCame: number;
  counts: Readonly<OpusReceiver['counts']>;
}

/** Sent as we send: 48 kbit/s, in-band FEC. */
export async function overNetwork(speech: Int16Array, rate: number, network: Network): Promise<Received> {
  const packets = await packetsOf(await resample(speech, rate, VOICE_SAMPLE_RATE));
  const random = randomFrom(network.seed);
  const clock = new FakeClock();
  const heard: Int16Array[] = [];
  const receiver = new OpusReceiver(await createOpusDecoder(), clock, (samples) => heard.push(samples));
  let neverCame = 0;
  for (const packet of packets) {
    // The first says where the stream begins.
    const fate = packet === packets[0] ? 1 : random();
    if (fate < network.lost) neverCame++;
    else if (fate < network.lost + network.reordered) clock.after(LATE_MS, () => receiver.push(packet));
    else receiver.push(packet);
    clock.advance(OPUS_FRAME_MS);
  }
  clock.advance(1000);
  const counts = { ...receiver.counts };
  receiver.close();
  return { samples: joined(heard), sent: packets.length, neverCame, counts };
}

async function packetsOf(speech: Int16Array): Promise<ReceivedPacket[]> {
  const encoder = await createOpusEncoder();
  const packets = [...chunks(speech, OPUS_FRAME_SAMPLES)]
    .filter(({ length }) => length === OPUS_FRAME_SAMPLES)
    .map((frame, i) => ({
      sequenceNumber: i & 0xffff,
      timestamp: (i * OPUS_CLOCK_RATE * OPUS_FRAME_MS) / 1000,
      payload: Buffer.from(encoder.encode(frame)),
      audioLevel: undefined,
    }));
  encoder.close();
  return packets;
}

export const durationMs = ({ samples }: Received): number => (samples.length * 1000) / SPEECH_SAMPLE_RATE;
