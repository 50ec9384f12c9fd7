/** Recorded people as a browser sends them: Opus in packets of 20 ms, each with its audio level (RFC 6464). */
import { levelDb } from '../../../audio/level.ts';
import { createOpusEncoder, OPUS_FRAME_SAMPLES } from '../../../audio/opus-codec.ts';
import { resample } from '../../../audio/resample.ts';
import { VOICE_SAMPLE_RATE } from '../../../audio/sample-rates.ts';
import { humanSpeech } from '../speech.ts';

export interface RecordedFrame {
  opus: Uint8Array;
  /** −dBov, from 0 (loudest) to 127 (silence). */
  level: number;
}

/** A minute and a half of one person's sentences, with the pauses of speech between them. */
const SENTENCES = ['demo-congrats', 'basic-pbx-ivr-main', 'demo-echotest', 'demo-moreinfo'];
const PAUSE_S = 0.6;
const QUIETEST = 127;

/** The sentences and their pauses, 24 kHz mono. */
export async function recordedVoice(): Promise<Int16Array> {
  const parts: Int16Array[] = [];
  for (const name of SENTENCES) {
    const { samples, sampleRate } = humanSpeech(name);
    parts.push(await resample(samples, sampleRate, VOICE_SAMPLE_RATE), new Int16Array(VOICE_SAMPLE_RATE * PAUSE_S));
  }
  const voice = new Int16Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    voice.set(part, at);
    at += part.length;
  }
  return voice;
}

export async function recordedOpus(): Promise<RecordedFrame[]> {
  const voice = await recordedVoice();
  const encoder = await createOpusEncoder();
  const frames: RecordedFrame[] = [];
  for (let at = 0; at + OPUS_FRAME_SAMPLES <= voice.length; at += OPUS_FRAME_SAMPLES) {
    const samples = voice.subarray(at, at + OPUS_FRAME_SAMPLES);
    const level = Math.min(QUIETEST, Math.max(0, Math.round(-levelDb(samples))));
    frames.push({ opus: Uint8Array.from(encoder.encode(samples)), level });
  }
  encoder.close();
  return frames;
}
