/**
 * The way of a microphone's sound through the interpreter to a session: Opus packets with their audio levels, reordered, gated by level,
 * decoded, amplified and gated by voice, in fake time.
 */

import type { ReceivedPacket } from '@mediasoup-booth/werift-handler';
import { levelDb } from '../../audio/level.ts';
import { createOpusDecoder, createOpusEncoder, OPUS_FRAME_MS, OPUS_FRAME_SAMPLES } from '../../audio/opus-codec.ts';
import { resample } from '../../audio/resample.ts';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { AudioLevelGate } from '../../bot/incoming/audio-level-gate.ts';
import { AutomaticGain } from '../../bot/incoming/automatic-gain.ts';
import { OpusReceiver } from '../../bot/incoming/opus-receiver.ts';
import { VoiceGate } from '../../bot/incoming/voice-gate.ts';
import { FakeClock } from '../../time/fake-clock.ts';

const TICKS_PER_FRAME = 960;
const QUIETEST_LEVEL = 127;

export interface GatedSpeech {
  /** The samples that a session would be sent: 16 kHz mono. */
  passed: Int16Array;
  /** Milliseconds of `passed`, which would be paid for. */
  passedMs: number;
  /** Milliseconds of the packets that were decoded and shown to the voice activity detector. */
  decodedMs: number;
}

/** @param sound 16 kHz mono, as a microphone records it */
export async function gateSpeech(sound: Int16Array): Promise<GatedSpeech> {
  const clock = new FakeClock();
  const [levelGate, gain, voiceGate] = [new AudioLevelGate(), new AutomaticGain(), new VoiceGate()];
  const parts: Int16Array[] = [];
  let decoded = 0;
  const onSound = (samples: Int16Array): void => {
    decoded += samples.length;
    parts.push(...voiceGate.push(gain.push(samples)));
  };
  const receiver = new OpusReceiver(
    await createOpusDecoder(),
    clock,
    onSound,
    ({ audioLevel }) => levelGate.push(audioLevel, clock.now()) || voiceGate.isOpen,
  );
  for await (const packet of packets(sound)) {
    clock.advance(OPUS_FRAME_MS);
    receiver.push(packet);
  }
  receiver.close();
  const passed = Int16Array.from(parts.flatMap((part) => [...part]));
  return { passed, passedMs: durationMs(passed.length), decodedMs: durationMs(decoded) };
}

/** The sound as it is decoded where no gate is in the way: what Opus makes of it. */
export async function codeSpeech(sound: Int16Array): Promise<Int16Array> {
  const decoder = await createOpusDecoder();
  const parts: Int16Array[] = [];
  for await (const { payload } of packets(sound)) parts.push(decoder.decode(payload).slice());
  decoder.close();
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

async function* packets(sound: Int16Array): AsyncGenerator<ReceivedPacket> {
  const encoder = await createOpusEncoder();
  const microphone = await resample(sound, SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE);
  for (let count = 0; (count + 1) * OPUS_FRAME_SAMPLES <= microphone.length; count++) {
    const frame = microphone.subarray(count * OPUS_FRAME_SAMPLES, (count + 1) * OPUS_FRAME_SAMPLES);
    yield {
      sequenceNumber: count & 0xffff,
      timestamp: count * TICKS_PER_FRAME,
      payload: Buffer.from(encoder.encode(frame)),
      audioLevel: audioLevelOf(frame),
    };
  }
  encoder.close();
}

/** As a browser writes it into the packet's header (RFC 6464). */
function audioLevelOf(frame: Int16Array): number {
  return frame.every((sample) => sample === 0) ? QUIETEST_LEVEL : Math.round(-levelDb(frame));
}

const durationMs = (samples: number): number => (samples * 1000) / SPEECH_SAMPLE_RATE;
