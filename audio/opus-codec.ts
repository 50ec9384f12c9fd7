/**
 * Opus at the rates of interpreting, mono: decodes at `SPEECH_SAMPLE_RATE` and encodes from `VOICE_SAMPLE_RATE`, so that no resampler
 * is needed in between. libopus in WebAssembly (`libopus-wasm`) stands behind two small interfaces; the encoder is replaced by a native one
 * where there is one.
 */
import { Application, createDecoder, createEncoder, Signal } from 'libopus-wasm';
import { loadNativeOpus, type OpusEncoderSettings } from './native-opus.ts';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from './sample-rates.ts';

/** Milliseconds of sound in one packet that we send. */
export const OPUS_FRAME_MS = 20;
/** Samples in one packet that we send: 480. */
export const OPUS_FRAME_SAMPLES = (VOICE_SAMPLE_RATE * OPUS_FRAME_MS) / 1000;

/** Decodes one stream to 16 kHz mono. Each decoded packet depends on those before it, so lost ones have to be replaced in order. */
export interface OpusDecoder {
  /** @throws for a packet that is not Opus */
  decode(packet: Uint8Array): Int16Array;
  /**
   * Replaces a lost packet by the forward error correction (FEC) that the packet after it carries; where that carries none, libopus
   * conceals the loss.
   * @param frameSize samples at 16 kHz
   * @throws for a packet that is not Opus
   */
  decodeFec(nextPacket: Uint8Array, frameSize: number): Int16Array;
  /**
   * Replaces a lost packet by a continuation of the sound before it.
   * @param frameSize samples at 16 kHz
   */
  conceal(frameSize: number): Int16Array;
  /** Frees the decoder's memory; it cannot be used afterwards. */
  close(): void;
}

/** Encodes one stream from 24 kHz mono. */
export interface OpusEncoder {
  /** @param frame `OPUS_FRAME_SAMPLES` samples */
  encode(frame: Int16Array): Uint8Array;
  /** Frees the encoder's memory; it cannot be used afterwards. */
  close(): void;
}

/**
 * @example
 * const decoder = await createOpusDecoder();
 * const samples = decoder.decode(packet); // 320 samples for 20 ms
 * decoder.close();
 */
export async function createOpusDecoder(): Promise<OpusDecoder> {
  const decoder = await createDecoder({ sampleRate: SPEECH_SAMPLE_RATE, channels: 1 });
  return {
    decode: (packet) => decoder.decode(packet),
    decodeFec: (nextPacket, frameSize) => decoder.decode(nextPacket, { decodeFec: true, frameSize }),
    conceal: (frameSize) => decoder.decodePacketLoss(frameSize),
    close: () => decoder.free(),
  };
}

const encoderSettings: OpusEncoderSettings = {
  sampleRate: VOICE_SAMPLE_RATE,
  frameSize: OPUS_FRAME_SAMPLES,
  application: Application.Voip,
  signal: Signal.Voice,
  // FEC takes its bits from the speech itself: at 32 kbit/s the word errors of a recogniser rise by half.
  bitrate: 48_000,
  complexity: 5,
  fec: true,
  packetLossPercent: 5,
  // Silence is not sent at all, and DTX could mistake a steady voice for silence.
  dtx: false,
};

/**
 * Encodes with the libopus of the system where there is one (`native-opus.ts`), else in WebAssembly.
 *
 * @example
 * const encoder = await createOpusEncoder();
 * const packet = encoder.encode(new Int16Array(OPUS_FRAME_SAMPLES));
 * encoder.close();
 */
export async function createOpusEncoder(): Promise<OpusEncoder> {
  const createNativeEncoder = await loadNativeOpus();
  if (createNativeEncoder) return createNativeEncoder(encoderSettings);
  const encoder = await createEncoder({ ...encoderSettings, channels: 1 });
  return { encode: (frame) => encoder.encode(frame), close: () => encoder.free() };
}
